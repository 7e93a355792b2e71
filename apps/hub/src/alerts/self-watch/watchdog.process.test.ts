import { createMemoryBus } from '@booner/bus/memory';
import { eventually, startReceiver } from '@booner/testkit';
import { expect, it } from 'vitest';
import { recordingLog } from '../../testing/recording-log.ts';
import { createWatchdog } from './watchdog.ts';

const until = (what: string, condition: () => boolean) => eventually(condition, { what });

/** Two hubs of which the first one holds every lease. */
async function startScene() {
  let statusCode = 200;
  await using stack = new AsyncDisposableStack();
  const receiver = stack.use(
    await startReceiver((response) => {
      response.statusCode = statusCode;
      response.end();
    }),
  );
  const memory = createMemoryBus();
  const { log, lines } = recordingLog();
  const stop = new AbortController();
  let isBlind = false;
  let looks = 0;
  const start = (version: string) => {
    const leases = owned.use(memory.startLeases({ hub: version }));
    const url = new URL(`${receiver.url}/ping/0123456789abcdef`);
    const looksBlind = () => {
      looks += 1;
      return isBlind;
    };
    const watchdog = createWatchdog({ url, leases, isBlind: looksBlind, version, log, intervalMs: 20 });
    const running = watchdog.run({ signal: stop.signal });
    owned.defer(async () => {
      stop.abort();
      await running;
    });
    return leases;
  };
  const owned = stack.move();
  const first = start('first');
  start('second');
  return {
    receiver,
    lines,
    first,
    agents: () => [...new Set(receiver.requests.map(({ headers }) => headers['user-agent']))],
    answer: (code: number) => {
      statusCode = code;
    },
    blind: (value: boolean) => {
      isBlind = value;
    },
    looks: () => {
      const before = looks;
      return until('some looks', () => looks >= before + 10);
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

it('is requested by one hub of all, and by another one once that has gone', async () => {
  await using scene = await startScene();
  const { receiver } = scene;
  await until('some requests', () => receiver.requests.length >= 5);
  expect(receiver.requests[0]).toMatchObject({ method: 'GET', path: '/ping/0123456789abcdef' });
  expect(receiver.requests[0]?.headers).not.toHaveProperty('content-length');
  expect(scene.agents()).toEqual(['Booner/first']);
  await scene.first[Symbol.asyncDispose]();
  await until('the other hub', () => scene.agents().includes('Booner/second'));
  expect(scene.lines).toEqual([]);
});

it('is not requested while the hub receives nothing', async () => {
  await using scene = await startScene();
  await until('a request', () => scene.receiver.requests.length > 0);
  scene.blind(true);
  await scene.looks(); // a request may be under way
  const before = scene.receiver.requests.length;
  await scene.looks();
  expect(scene.receiver.requests).toHaveLength(before);
  scene.blind(false);
  await until('another request', () => scene.receiver.requests.length > before);
});

it('is said once in the log to fail, without the secret in its path', async () => {
  await using scene = await startScene();
  scene.answer(404);
  await until('three failures', () => scene.receiver.requests.length >= 3);
  scene.answer(200);
  await until('the end of the outage', () => scene.lines.length === 2);
  expect(scene.lines.map(({ level }) => level)).toEqual(['warn', 'info']);
  expect(scene.lines[0]?.text).toContain('HTTP 404');
  expect(scene.lines.map(({ text }) => text).join()).not.toContain('0123456789abcdef');
});
