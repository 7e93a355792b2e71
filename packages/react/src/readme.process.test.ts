// @vitest-environment happy-dom
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { fireEvent, render } from '@testing-library/react';
import { createElement } from 'react';
import { expect, it } from 'vitest';
import { StatusPage } from '../examples/status-page.tsx';
import { startHookBed, TIMES } from './testing/hook-bed.ts';

const PACKAGE = join(import.meta.dirname, '..');

it('shows an example in its README that works', async () => {
  const example = await readFile(join(PACKAGE, 'examples/status-page.tsx'), 'utf8');
  expect(await readFile(join(PACKAGE, 'README.md'), 'utf8')).toContain(example);
  await using bed = await startHookBed();
  const { container, getByText } = render(createElement(StatusPage, { url: bed.hub.url }));
  const page = container as unknown as { readonly textContent: string };
  expect(page.textContent).toBe('Connecting …Run');
  await eventually(() => /websocket, \d s ago.*127\.0\.0\.1 is active: /.test(page.textContent), {
    ...TIMES,
    what: 'the status',
  });
  fireEvent.click(getByText('Run'));
  await eventually(() => page.textContent.includes('running'), { ...TIMES, what: 'the task' });
  await eventually(() => page.textContent.includes('completed'), { ...TIMES, what: 'its end' });
});
