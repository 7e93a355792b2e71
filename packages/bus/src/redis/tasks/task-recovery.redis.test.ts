import { newTaskId } from '@booner/protocol';
import { EVENTS_KEY, HUBS_GROUP, reportsKey, runnerKey } from '@booner/protocol/redis-names';
import { describe, expect, it } from 'vitest';
import { untilConnected } from '../../testing/contract/connection-contract.ts';
import { HOST } from '../../testing/contract/sample-factory.ts';
import { FIRST_START } from '../../testing/contract/task-factory.ts';
import { type Grant, until } from '../../testing/contract/task-scenario.ts';
import { startApplying, startTaskScenario } from '../../testing/test-task-bus.ts';

type Scene = Awaited<ReturnType<typeof startTaskScenario>>;
type Runner = Awaited<ReturnType<Scene['startRunner']>>;

/** A whole life of a task, with a hub that applies what it reads. */
async function live(scene: Scene, runner: Runner) {
  const { id } = await scene.create();
  await until('the offer', () => runner.offers.some(({ task }) => task === id));
  await runner.send(runner.claimReport(id));
  const grant = await until('the grant', () =>
    runner.control.find((message): message is Grant => message.type === 'grant' && message.task === id),
  );
  await runner.send(runner.endReport(grant));
  await until('the end', async () => (await scene.hub.read(id))?.status === 'completed');
  await until('the answer', () =>
    runner.control.some((message) => message.type === 'settled' && message.task === id),
  );
  return id;
}

it('a Redis that restarts empty has its groups recreated, and the runner serves again', async () => {
  await using scene = await startTaskScenario();
  const runner = await scene.startRunner();
  await using _applying = startApplying(scene.hub);
  const before = await live(scene, runner);
  const { cursor } = await scene.hub.readBoard(10);
  await scene.server.kill('SIGKILL');
  await until('both sides to notice', () =>
    [scene.hub, runner.runner].every((side) => side.connection().state === 'disconnected'),
  );
  await expect(scene.hub.read(before)).rejects.toMatchObject({ name: 'BusError', code: 'disconnected' });
  await scene.server.restart();
  await untilConnected(scene.hub, runner.runner);
  expect(await scene.hub.read(before)).toBeNull();
  await until('the presence', async () => (await scene.hub.readRunner(HOST)) !== null);
  const after = await live(scene, runner);
  expect(await scene.hub.readEvents(cursor, 10)).toBe('trimmed');
  const events = await scene.events();
  expect(events.map(({ task, kind }) => [task.id, kind])).toEqual([
    [after, 'created'],
    [after, 'started'],
    [after, 'ended'],
  ]);
  expect(scene.bus.rejections).toEqual([]);
});

it('a Redis that keeps its data over a crash goes on where it was', async () => {
  await using scene = await startTaskScenario({ appendonly: true });
  const runner = await scene.startRunner();
  const { id } = await scene.create();
  const grant = await runner.start(id);
  const { cursor } = await scene.hub.readBoard(10);
  await scene.redis.config('SET', 'appendfsync', 'always');
  await runner.send(runner.endReport(grant));
  await scene.server.kill('SIGKILL');
  await scene.server.restart();
  await untilConnected(scene.hub);
  await using _applying = startApplying(scene.hub);
  await until('the end', async () => (await scene.hub.read(id))?.status === 'completed');
  expect(await scene.hub.readEvents(cursor, 10)).toMatchObject([{ kind: 'ended', task: { id, version: 3 } }]);
  await until(
    'the presence',
    async () => (await scene.hub.readRunner(HOST))?.presence.instance === FIRST_START,
  );
  await live(scene, runner);
});

it.each([
  ['everything', (scene: Scene) => scene.redis.flushall()],
  ['the group of hubs', (scene: Scene) => scene.redis.xgroup('DESTROY', reportsKey(HOST), HUBS_GROUP)],
  ['the stream of reports', (scene: Scene) => scene.redis.del(reportsKey(HOST))],
  [
    'the streams of the host',
    (scene: Scene) => scene.redis.del(`booner:queue:${HOST}`, `booner:control:${HOST}`),
  ],
  ['the scripts', (scene: Scene) => scene.redis.script('FLUSH')],
])(
  'an operator who removes %s while all are connected stops nobody for long',
  async (_, remove) => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    await using _applying = startApplying(scene.hub);
    await live(scene, runner);
    await remove(scene);
    await until('the runner to be seen', async () => (await scene.hub.readRunner(HOST)) !== null);
    await live(scene, runner);
  },
  40_000,
);

it('an operator who trims the events causes no endless loop in a hub', async () => {
  await using scene = await startTaskScenario();
  await scene.create();
  const { cursor } = await scene.hub.readBoard(10);
  await scene.redis.xtrim(EVENTS_KEY, 'MAXLEN', 0);
  expect((await scene.hub.readBoard(10)).cursor).toBe(cursor);
  expect(await scene.hub.readEvents(cursor, 10)).toEqual([]);
  const waiting = scene.hub.nextEvents(cursor, 10);
  const { id } = await scene.create();
  expect(await waiting).toBe('trimmed');
  const board = await scene.hub.readBoard(10);
  expect(board.tasks).toHaveLength(2);
  await scene.hub.cancel(id);
  expect(await scene.hub.nextEvents(board.cursor, 10)).toMatchObject([{ kind: 'ended', task: { id } }]);
});

describe.concurrent('a Redis that falls silent', () => {
  it('is noticed by hub and runner, ends the calls that wait for it, and is used again after', async () => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    const { cursor } = await scene.hub.readBoard(10);
    const refusal = { name: 'BusError' };
    const waits = [scene.hub.nextEvents(cursor, 1), scene.hub.nextReports(1)].map((wait) =>
      expect(wait).rejects.toMatchObject(refusal),
    );
    scene.server.freeze();
    const id = newTaskId();
    const asked = [scene.hub.read(id), scene.hub.cancel(id), scene.hub.readEvents(cursor, 1)];
    for (const outcome of await Promise.allSettled(asked)) expect(outcome).toMatchObject({ reason: refusal });
    await Promise.all(waits);
    await until('both sides to notice', () =>
      [scene.hub, runner.runner].every((side) => side.connection().state === 'disconnected'),
    );
    expect(await runner.runner.report(runner.claimReport(id))).toBe('unsent');
    scene.server.thaw();
    await untilConnected(scene.hub, runner.runner);
    await using _applying = startApplying(scene.hub);
    await live(scene, runner);
  });

  it('ends a report and a farewell within their deadlines', async () => {
    await using scene = await startTaskScenario();
    const runner = await scene.startRunner();
    const { id } = await scene.create();
    scene.server.freeze();
    const reporting = runner.runner.report(runner.claimReport(id));
    await runner.runner.leave();
    await runner.runner[Symbol.asyncDispose]();
    expect(await reporting).toBe('unsent');
    scene.server.thaw();
    expect(await scene.redis.exists(runnerKey(HOST))).toBe(1);
  });
});
