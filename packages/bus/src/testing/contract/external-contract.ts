import { newTaskId, type TaskId, type TaskStatus } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST, OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { makeExternalTask } from './task-factory.ts';
import { startScenario } from './task-scenario.ts';

/** The transitions that bring an external task into each state. */
const WAYS: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  queued: [],
  running: ['running'],
  completed: ['running', 'completed'],
  failed: ['failed'],
  cancelled: ['cancelled'],
};
const STATES = Object.keys(WAYS) as TaskStatus[];
const ALLOWED: readonly string[] = [
  'queued queued',
  'queued running',
  'queued failed',
  'queued cancelled',
  'running running',
  'running completed',
  'running failed',
  'running cancelled',
];

export function describeExternalTasks(startBus: StartTaskBus): void {
  const startIn = async (status: TaskStatus) => {
    const scene = await startScenario(startBus);
    const { id } = await scene.create({ offer: null });
    for (const step of WAYS[status]) await scene.hub.change(id, { status: step });
    return { ...scene, id };
  };

  describe('an external task', () => {
    it('is created queued, and offered to no runner', async () => {
      await using scene = await startIn('queued');
      expect(await scene.hub.read(scene.id)).toMatchObject({ external: true, status: 'queued', version: 1 });
      const runner = await scene.startRunner();
      const offered = await scene.create();
      await runner.start(offered.id);
      expect(runner.offers.map(({ task }) => task)).not.toContain(scene.id);
    });

    it('is started, moved and ended by another program, with an event each', async () => {
      await using scene = await startIn('queued');
      const { hub, id } = scene;
      expect(await hub.change(id, { status: 'running', message: 'copying' })).toMatchObject({
        type: 'changed',
        task: { status: 'running', version: 2, message: 'copying', attempt: 1 },
      });
      expect((await hub.read(id))?.startedAtMs).toEqual(expect.any(Number));
      expect(await hub.change(id, { progressPercent: 40 })).toMatchObject({
        type: 'changed',
        task: { version: 3, progressPercent: 40, message: 'copying' },
      });
      const result = { files: [], count: 0 };
      const ended = await hub.change(id, { status: 'completed', result });
      expect(ended).toMatchObject({
        type: 'changed',
        task: { status: 'completed', version: 4, result, progressPercent: 100, message: null },
      });
      expect(ended.type === 'changed' && ended.task).toEqual(await hub.read(id));
      expect((await hub.read(id))?.endedAtMs).toEqual(expect.any(Number));
      expect(await scene.events()).toMatchObject([
        { kind: 'created', task: { version: 1, external: true } },
        { kind: 'started', task: { version: 2, status: 'running', message: 'copying', attempt: 1 } },
        { kind: 'progress', task: { version: 3, status: 'running', progressPercent: 40 } },
        {
          kind: 'ended',
          task: { version: 4, status: 'completed', result, progressPercent: 100, message: null },
        },
      ]);
    });

    it.each([
      ['completed', { message: 'copied' }, { progressPercent: 100, message: 'copied' }],
      [
        'completed',
        { message: 'copying', progressPercent: 90 },
        { progressPercent: 100, message: 'copying' },
      ],
      ['completed', { progressPercent: null }, { progressPercent: null, message: null }],
      [
        'failed',
        { message: 'disk full', progressPercent: 55 },
        { progressPercent: 55, message: 'disk full' },
      ],
      ['cancelled', {}, { progressPercent: 40, message: null }],
    ] as const)('that ends %s and says %j with it shows that', async (status, said, shown) => {
      await using scene = await startIn('running');
      const { hub, id } = scene;
      await hub.change(id, { progressPercent: 40, message: 'copying' });
      expect(await hub.change(id, { status, ...said })).toMatchObject({ task: { status, ...shown } });
      expect(await hub.read(id)).toMatchObject({ status, ...shown });
    });

    it('takes null for what is not known any more', async () => {
      await using scene = await startIn('running');
      const { hub, id } = scene;
      await hub.change(id, { progressPercent: 10, message: 'copying', error: 'a warning', result: { a: 1 } });
      const nothing = { progressPercent: null, message: null, error: null, result: null };
      expect(await hub.change(id, nothing)).toMatchObject({
        type: 'changed',
        task: { ...nothing, version: 4 },
      });
      expect((await scene.events()).at(-1)?.task).toMatchObject(nothing);
    });

    it('takes an empty message and an empty error for none', async () => {
      await using scene = await startIn('running');
      const change = { progressPercent: 0, message: '', error: '' };
      expect(await scene.hub.change(scene.id, change)).toMatchObject({
        type: 'changed',
        task: { progressPercent: 0, message: null, error: null, version: 3 },
      });
    });

    it('that repeats its state makes no event', async () => {
      await using scene = await startIn('running');
      const { hub, id } = scene;
      const change = { progressPercent: 10, message: 'copying', result: { list: [] } };
      await hub.change(id, change);
      const task = await hub.read(id);
      expect(await hub.change(id, { status: 'running', ...change })).toEqual({ type: 'changed', task });
      expect(await hub.change(id, {})).toEqual({ type: 'changed', task });
      expect(await scene.events()).toHaveLength(3);
    });

    it.each(STATES.flatMap((from) => STATES.map((to) => ({ from, to }))))(
      'that is $from and is to be $to',
      async ({ from, to }) => {
        await using scene = await startIn(from);
        const { hub, id } = scene;
        const before = await hub.read(id);
        const events = await scene.events();
        const outcome = await hub.change(id, { status: to });
        if (ALLOWED.includes(`${from} ${to}`)) {
          expect(outcome).toMatchObject({ type: 'changed', task: { status: to } });
        } else {
          expect(outcome).toEqual({ type: 'forbidden', status: from });
          expect(await hub.read(id)).toEqual(before);
          expect(await scene.events()).toEqual(events);
        }
      },
    );

    it.each(['completed', 'failed', 'cancelled'] as const)(
      'that is %s absorbs every change',
      async (status) => {
        await using scene = await startIn(status);
        const before = await scene.hub.read(scene.id);
        expect(await scene.hub.change(scene.id, { message: 'more' })).toEqual({ type: 'forbidden', status });
        expect(await scene.hub.change(scene.id, {})).toEqual({ type: 'forbidden', status });
        expect(await scene.hub.read(scene.id)).toEqual(before);
      },
    );

    it('that waits is cancelled at once', async () => {
      await using scene = await startIn('queued');
      expect(await scene.hub.cancel(scene.id)).toEqual({ type: 'cancelled' });
      expect(await scene.hub.change(scene.id, { status: 'running' })).toEqual({
        type: 'forbidden',
        status: 'cancelled',
      });
    });

    it('that runs is asked to end by an event, and ended by its program', async () => {
      await using scene = await startIn('running');
      const { hub, id } = scene;
      const runner = await scene.startRunner();
      expect(await hub.cancel(id)).toEqual({ type: 'cancelling' });
      expect(await hub.cancel(id)).toEqual({ type: 'cancelling' });
      expect(await hub.repeatCancel(id, 0)).toBe(false);
      expect((await scene.events()).map(({ kind }) => kind)).toEqual(['created', 'started', 'cancelling']);
      expect(await runner.messagesAbout(id)).toEqual([]);
      expect(await hub.change(id, { status: 'cancelled' })).toMatchObject({
        type: 'changed',
        task: { status: 'cancelled', cancelRequestedAtMs: expect.any(Number) },
      });
    });

    it('is never lost with a runner', async () => {
      await using scene = await startIn('running');
      expect(await scene.hub.readRunner(HOST)).toBeNull();
      expect(await scene.hub.endLost(scene.id, 1, 'agent lost')).toBe('unchanged');
      expect(await scene.hub.read(scene.id)).toMatchObject({ status: 'running' });
    });

    it('is the only kind that another program may change', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      expect(await scene.hub.change(id, { status: 'running' })).toEqual({ type: 'not_external' });
      expect(await scene.hub.change(newTaskId(), { status: 'running' })).toEqual({ type: 'unknown' });
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued', version: 1 });
    });
  });

  const ownedBy = (owner: string, host = HOST) =>
    makeExternalTask({ host, externalLimits: { owner, maxOfHost: 3, maxOfOwner: 4 } });

  describe('the bounds on open external tasks', () => {
    it('hold for a host and for an owner, whichever hub is asked, and leave no trace of one more', async () => {
      await using scene = await startScenario(startBus);
      const hubs = [scene.hub, await scene.startHub()];
      const outcomesOf = (count: number, owner: string, host = HOST) =>
        Promise.all(
          Array.from({ length: count }, (_, index) => hubs[index % 2]!.create(ownedBy(owner, host))),
        );
      const typesOf = (outcomes: readonly { type: string }[]) => outcomes.map(({ type }) => type).sort();
      const ofHost = await outcomesOf(5, 'one');
      expect(typesOf(ofHost)).toEqual([
        ...['created', 'created', 'created'],
        ...['too_many_external', 'too_many_external'],
      ]);
      expect(ofHost).toContainEqual({ type: 'too_many_external', of: 'host', open: 3 });
      const ofOwner = await outcomesOf(3, 'one', OTHER_HOST);
      expect(typesOf(ofOwner)).toEqual(['created', 'too_many_external', 'too_many_external']);
      expect(ofOwner).toContainEqual({ type: 'too_many_external', of: 'owner', open: 4 });
      expect(typesOf(await outcomesOf(1, 'two', OTHER_HOST))).toEqual(['created']);
      expect((await scene.hub.readBoard(10)).tasks).toHaveLength(5);
      expect(await scene.events()).toHaveLength(5);
    });

    it('have room again for each task that ended, however it ended', async () => {
      await using scene = await startScenario(startBus);
      const { hub } = scene;
      const tasks = [ownedBy('one'), ownedBy('one'), ownedBy('one')];
      for (const task of tasks) await hub.create(task);
      const [first, second, third] = tasks.map(({ id }) => id) as [TaskId, TaskId, TaskId];
      await hub.change(first, { status: 'failed' });
      await hub.cancel(second);
      await hub.endAbandoned([third], 0, 'not updated');
      for (let i = 0; i < 3; i++) expect(await hub.create(ownedBy('one'))).toMatchObject({ type: 'created' });
      expect(await hub.create(ownedBy('one'))).toMatchObject({ type: 'too_many_external', of: 'host' });
    });

    it('do not count tasks of runners, nor repetitions of a request', async () => {
      await using scene = await startScenario(startBus);
      for (let i = 0; i < 5; i++) await scene.create();
      const idempotency = { key: 'a key', bodyHash: 'a hash' };
      const task = { ...ownedBy('one'), idempotency };
      for (const type of ['created', 'existing', 'existing', 'existing', 'existing']) {
        expect(await scene.hub.create({ ...task, id: newTaskId() })).toMatchObject({ type });
      }
      expect(await scene.hub.create(ownedBy('one'))).toMatchObject({ type: 'created' });
    });
  });

  describe('an external task that nobody changes', () => {
    it.each(['queued', 'running'] as const)(
      'while it is %s ends as failed, with an event',
      async (status) => {
        await using scene = await startIn(status);
        const { hub, id } = scene;
        expect(await hub.endAbandoned([id], 3_600_000, 'not updated for 1 h')).toEqual([]);
        expect(await hub.read(id)).toMatchObject({ status });
        expect(await hub.endAbandoned([id, newTaskId()], 0, 'not updated for 1 h')).toEqual([id]);
        const end = { status: 'failed', error: 'not updated for 1 h', endedAtMs: expect.any(Number) };
        expect(await hub.read(id)).toMatchObject(end);
        expect((await scene.events()).at(-1)).toMatchObject({ kind: 'ended', task: end });
        expect(await hub.endAbandoned([id], 0, 'again')).toEqual([]);
        expect(await hub.change(id, { message: 'late' })).toEqual({ type: 'forbidden', status: 'failed' });
      },
    );

    it('is none that a runner drives', async () => {
      await using scene = await startScenario(startBus);
      const { id } = await scene.create();
      expect(await scene.hub.endAbandoned([id], 0, 'not updated')).toEqual([]);
      expect(await scene.hub.read(id)).toMatchObject({ status: 'queued' });
    });
  });
}
