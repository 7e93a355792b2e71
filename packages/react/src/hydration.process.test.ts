// @vitest-environment happy-dom
import { eventually } from '@booner/testkit';
import { createElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { useSystemStatus } from './index.ts';
import { startHookBed, TIMES } from './testing/hook-bed.ts';

type Container = { innerHTML: string };
type PageDocument = { createElement(name: string): Container };

it('goes on from what a server has drawn, also when the data is there before', async () => {
  await using bed = await startHookBed();
  const end = bed.client.fleet.subscribe(() => {});
  await eventually(() => bed.client.fleet.getSnapshot(), { ...TIMES, what: 'the data' });
  const Status = () => {
    const { systemStatus, ageMs } = useSystemStatus();
    return createElement(
      'p',
      null,
      `${systemStatus?.main_server.status} ${ageMs === null ? 'ageless' : 'aged'}`,
    );
  };
  const page = createElement(bed.wrapper, null, createElement(Status));
  const container = (globalThis as unknown as { document: PageDocument }).document.createElement('div');
  container.innerHTML = renderToString(page);
  expect(container.innerHTML).toBe('<p>undefined ageless</p>');
  const errors: unknown[] = [];
  const root = hydrateRoot(container as never, page, { onRecoverableError: (error) => errors.push(error) });
  await eventually(() => container.innerHTML === '<p>active aged</p>', { ...TIMES, what: 'the data of now' });
  expect(errors).toEqual([]);
  root.unmount();
  end();
});
