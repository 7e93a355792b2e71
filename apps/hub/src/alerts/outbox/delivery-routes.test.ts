import { createMemoryBus } from '@booner/bus/memory';
import type { HostId, Notification } from '@booner/protocol';
import { expect, it } from 'vitest';
import { createTestApp } from '../../testing/test-app.ts';
import { EVERYTHING, type Readable } from '../../ws/readable.ts';
import { EXAMPLE_NOTIFICATION } from '../channels/testing/example-notification.ts';
import { deliveryRoutes } from './delivery-routes.ts';

const [TARGET] = EXAMPLE_NOTIFICATION.targets;
const about = (id: string, host: string): Notification => ({
  ...EXAMPLE_NOTIFICATION,
  id,
  targets: [{ ...TARGET!, host: host as HostId }],
});

/** A dead, a postponed, a held and an offered notification, of one host each. */
async function startScene() {
  const outbox = createMemoryBus().startOutbox({ hub: 'hub-1' });
  let readable: Readable = EVERYTHING;
  const app = createTestApp({ routes: deliveryRoutes({ outbox, readableOf: () => readable }) });
  const notifications = ['dead', 'later', 'held', 'new'].map((id, n) => about(id, `10.0.0.${n + 1}`));
  await outbox.put(notifications.map((notification) => ({ channel: 'ops', notification })));
  const [dead, later, held] = await outbox.take(3);
  await outbox.bury(dead!, 'HTTP 401');
  await outbox.postpone(later!, { delayMs: 60_000, answer: 'HTTP 500' });
  await outbox.hold(held!);
  const ask = async (method: string, path = '') => {
    const response = await app.request(`/alert-deliveries${path}`, {
      method,
      headers: { host: 'localhost' },
    });
    // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
    return { status: response.status, json: (await response.json()) as any };
  };
  return {
    outbox,
    ask,
    ids: async (path = '') =>
      (await ask('GET', path)).json.deliveries.map(({ id }: { readonly id: string }) => id),
    readOnly: (...hosts: readonly string[]) => {
      readable = { key: 'some', has: (host) => hosts.includes(host) };
    },
    [Symbol.asyncDispose]: () => outbox[Symbol.asyncDispose](),
  };
}

it('lists what waits, then what is dead, with the last answer', async () => {
  await using scene = await startScene();
  const { status, json } = await scene.ask('GET');
  expect(status).toBe(200);
  const shown = { channel: 'ops', kind: 'firing', rule: 'disk', title: 'Disk usage on db-1' };
  const firstAtMs = expect.any(Number);
  const never = { attempts: 0, answer: null, nextAtMs: null, firstAtMs };
  expect(json.deliveries).toEqual([
    { ...shown, ...never, id: 'new:ops', status: 'waiting' },
    {
      ...shown,
      ...never,
      id: 'later:ops',
      status: 'waiting',
      attempts: 1,
      answer: 'HTTP 500',
      nextAtMs: expect.any(Number),
    },
    { ...shown, ...never, id: 'held:ops', status: 'waiting' },
    { ...shown, ...never, id: 'dead:ops', status: 'dead', attempts: 1, answer: 'HTTP 401' },
  ]);
  expect(await scene.ids('?limit=2')).toEqual(['new:ops', 'later:ops']);
  expect((await scene.ask('GET', '?limit=0')).json.errors).toMatchObject([{ pointer: '/limit' }]);
});

it('offers a notification again, and discards one', async () => {
  await using scene = await startScene();
  expect(await scene.ask('POST', '/dead:ops/retry')).toEqual({ status: 200, json: { id: 'dead:ops' } });
  expect((await scene.outbox.take(10)).map(({ id }) => id)).toEqual(['new:ops', 'dead:ops']);
  expect(await scene.ask('DELETE', '/later:ops')).toEqual({ status: 200, json: { id: 'later:ops' } });
  expect((await scene.ask('DELETE', '/later:ops')).status).toBe(404);
  expect((await scene.ask('POST', '/none:ops/retry')).json).toMatchObject({
    status: 404,
    title: 'No such delivery',
  });
});

it('shows and changes only what is about hosts within the read scope', async () => {
  await using scene = await startScene();
  scene.readOnly('10.0.0.2');
  expect(await scene.ids()).toEqual(['later:ops']);
  expect((await scene.ask('POST', '/dead:ops/retry')).status).toBe(404);
  expect((await scene.ask('DELETE', '/new:ops')).status).toBe(404);
  expect((await scene.ask('POST', '/later:ops/retry')).status).toBe(200);
  scene.readOnly();
  expect(await scene.ids()).toEqual([]);
});
