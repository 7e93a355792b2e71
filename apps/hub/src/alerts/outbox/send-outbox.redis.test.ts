import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startRedisOutbox } from '@booner/bus/redis/outbox';
import { shareCommands } from '@booner/bus/redis/share-commands';
import { startProcess, startReceiver, startRedis, startTcpProxy } from '@booner/testkit';
import { expect, it } from 'vitest';
import { ids, until } from '../../testing/sender-bed.ts';
import { EXAMPLE_NOTIFICATION } from '../channels/testing/example-notification.ts';
import { EXAMPLE_SETTINGS } from '../channels/testing/example-settings.ts';

const PROGRAM = join(import.meta.dirname, '../../testing/hub-that-sends.ts');
/** Longer than a hub that lives takes from an answer to its end, on a busy machine too. */
const TAKE_OVER_AFTER_MS = 8000;

/** What a receiver got: the key of a notification, and the process that sent it. */
type Arrival = { readonly key: string; readonly from: string };

/** Hubs in processes of their own, one Redis, and a receiver that takes up to 50 ms. */
async function startScene() {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startRedis());
  const receiver = stack.use(
    await startReceiver((response) => void setTimeout(() => response.end(), Math.random() * 50)),
  );
  // Of a type that gets no digests, so that each notification arrives by itself.
  const settings = { ...EXAMPLE_SETTINGS.alertmanager, server: receiver.url, allowPrivate: true };
  let started = 0;
  const startHub = async (url = server.url) => {
    const name = `hub-${++started}`;
    const args = [PROGRAM, url, name, JSON.stringify(settings), `${TAKE_OVER_AFTER_MS}`];
    const child = owned.use(await startProcess({ command: process.execPath, args }));
    await until('a hub to start', () => child.lines.stdout.includes('started') || child.hasExited());
    return { name, child };
  };
  const redis = { url: server.url };
  const commands = shareCommands(redis, 'test');
  const outbox = stack.use(await startRedisOutbox({ redis, commands, hub: 'test' }));
  await outbox.whenConnected(AbortSignal.timeout(60_000));
  const owned = stack.move();
  return {
    server,
    startHub,
    outbox,
    put: (keys: readonly string[]) =>
      outbox.put(
        keys.map((id) => ({ channel: 'ops', notification: { ...EXAMPLE_NOTIFICATION, id, title: id } })),
      ),
    arrivals: (): readonly Arrival[] =>
      receiver.requests.map(({ headers, body }) => ({
        key: String(JSON.parse(body.toString())[0].annotations.summary),
        from: String(headers['user-agent']).replace('Booner/', ''),
      })),
    isEmpty: async () => (await outbox.list(1)).length === 0,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
type Scene = Awaited<ReturnType<typeof startScene>>;

const keysOf = (scene: Scene) => [...new Set(scene.arrivals().map(({ key }) => key))].sort();

/** Arrivals of a notification that arrived before. */
function repeated(arrivals: readonly Arrival[]) {
  const first = new Map<string, string>();
  return arrivals.flatMap(({ key, from }) => {
    const before = first.get(key);
    first.set(key, from);
    return before === undefined ? [] : [{ key, before, from }];
  });
}

it('sends each notification once, from whichever of two hubs', async () => {
  await using scene = await startScene();
  const hubs = await Promise.all([scene.startHub(), scene.startHub()]);
  for (let n = 0; n < 60; n += 6) {
    await scene.put(ids(6, `n-${n}`));
    await sleep(Math.random() * 100);
  }
  await until('an empty outbox', scene.isEmpty);
  expect(scene.arrivals()).toHaveLength(60);
  expect(keysOf(scene)).toHaveLength(60);
  expect(new Set(scene.arrivals().map(({ from }) => from))).toEqual(new Set(hubs.map(({ name }) => name)));
});

it('loses nothing when hubs are killed, and sends again only what a killed hub had sent', async () => {
  await using scene = await startScene();
  await scene.startHub();
  const killed = new Set<string>();
  let doomed = await scene.startHub();
  let put = 0;
  for (let round = 0; round < 4; round++) {
    await scene.put(ids(12, `r${round}`));
    put += 12;
    await sleep(Math.random() * 400);
    killed.add(doomed.name);
    doomed.child.kill('SIGKILL');
    await scene.put(ids(3, `k${round}`));
    put += 3;
    doomed = await scene.startHub();
  }
  await until('an empty outbox', scene.isEmpty);
  expect(keysOf(scene)).toHaveLength(put);
  const again = repeated(scene.arrivals());
  expect(again.filter(({ before }) => !killed.has(before))).toEqual([]);
  // At most what a hub had under way at a time, each time.
  expect(again.length).toBeLessThanOrEqual(4 * 4);
});

it('sends again, at most, what a hub had sent when it lost Redis', async () => {
  await using scene = await startScene();
  await using proxy = await startTcpProxy({ targetPort: Number(new URL(scene.server.url).port) });
  await scene.startHub(`redis://127.0.0.1:${proxy.port}`);
  for (let round = 0; round < 3; round++) {
    await scene.put(ids(8, `r${round}`));
    await sleep(Math.random() * 300);
    proxy.cut();
  }
  await until('an empty outbox', scene.isEmpty);
  expect(keysOf(scene)).toHaveLength(24);
  // The hub remembers what it has sent until it could store that.
  expect(repeated(scene.arrivals())).toEqual([]);
});
