import { newTaskId, type TaskStatus } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
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
}
