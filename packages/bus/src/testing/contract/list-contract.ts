import type { Task } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { TaskBus, TaskQuery } from '../../task-ports.ts';
import { OTHER_HOST } from './sample-factory.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { startScenario, until } from './task-scenario.ts';

/** All pages of a query, one after the other. */
async function readPages(hub: TaskBus, query: TaskQuery): Promise<Task[]> {
  const tasks: Task[] = [];
  let after: string | undefined;
  do {
    const page = await hub.list(after === undefined ? query : { ...query, after });
    expect(page.tasks.length).toBeLessThanOrEqual(query.limit);
    tasks.push(...page.tasks);
    if (tasks.length > 100) throw new Error('the pages do not end');
    after = page.next ?? undefined;
  } while (after !== undefined);
  return tasks;
}

const idsOf = (tasks: readonly { id: string }[]) => tasks.map(({ id }) => id).toSorted();

export function describeLists(startBus: StartTaskBus): void {
  describe('lists', () => {
    /** 12 tasks of two hosts and two actions, in four states. */
    const startFilled = async () => {
      const scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const tasks = [];
      for (let index = 0; index < 12; index++) {
        const host = index % 3 === 0 ? { host: OTHER_HOST } : {};
        tasks.push(await scene.create({ ...host, action: index % 2 === 0 ? 'even' : 'odd' }));
      }
      const own = tasks.filter(({ host }) => host === runner.me.host);
      const [first, second, third] = own;
      if (first === undefined || second === undefined || third === undefined) throw new Error('no tasks');
      await runner.start(first.id);
      await runner.say(runner.endReport(await runner.start(second.id)));
      await scene.hub.cancel(third.id);
      return { ...scene, tasks };
    };

    it('hold every task as it is, the newest first', async () => {
      await using scene = await startFilled();
      const { tasks, next } = await scene.hub.list({ limit: 500 });
      expect(next).toBeNull();
      expect(idsOf(tasks)).toEqual(idsOf(scene.tasks));
      const times = tasks.map(({ createdAtMs }) => createdAtMs);
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      for (const task of tasks) expect(task).toEqual(await scene.hub.read(task.id));
    });

    it.each([1, 2, 5, 12, 13])('of at most %i a page hold every task once', async (limit) => {
      await using scene = await startFilled();
      const all = (await scene.hub.list({ limit: 500 })).tasks;
      expect(await readPages(scene.hub, { limit })).toEqual(all);
    });

    it.each<[string, Partial<Task>, number]>([
      ['queued tasks', { status: 'queued' }, 9],
      ['running tasks', { status: 'running' }, 1],
      ['completed tasks', { status: 'completed' }, 1],
      ['cancelled tasks', { status: 'cancelled' }, 1],
      ['failed tasks', { status: 'failed' }, 0],
      ['a host', { host: OTHER_HOST }, 4],
      ['an action', { action: 'even' }, 6],
      ['an action that no task has', { action: 'none' }, 0],
      ['all three', { action: 'odd', host: OTHER_HOST, status: 'queued' }, 2],
    ])('of %s hold those and no others, page by page', async (_, filter, count) => {
      await using scene = await startFilled();
      const all = (await scene.hub.list({ limit: 500 })).tasks;
      const matching = all.filter((task) =>
        Object.entries(filter).every(([name, value]) => task[name as keyof Task] === value),
      );
      expect(matching).toHaveLength(count);
      expect(await readPages(scene.hub, { ...filter, limit: 500 })).toEqual(matching);
      expect(await readPages(scene.hub, { ...filter, limit: 2 })).toEqual(matching);
    });

    it('go on where a page ended, although tasks were created meanwhile', async () => {
      await using scene = await startFilled();
      const all = (await scene.hub.list({ limit: 500 })).tasks;
      const first = await scene.hub.list({ limit: 4 });
      const { createdAtMs } = all[0] ?? { createdAtMs: 0 };
      await until('a later millisecond', async () => {
        const { id } = await scene.create();
        return ((await scene.hub.read(id))?.createdAtMs ?? 0) > createdAtMs;
      });
      const rest = await readPages(scene.hub, { limit: 4, after: first.next ?? 'none' });
      expect([...first.tasks, ...rest]).toEqual(all);
    });
  });

  describe('forgetting', () => {
    const startEnded = async (count: number) => {
      const scene = await startScenario(startBus);
      const ids = [];
      for (let index = 0; index < count; index++) ids.push((await scene.create()).id);
      for (const id of ids) {
        const startMs = Date.now();
        await scene.hub.cancel(id);
        // Two ends in one millisecond have no order.
        await until('another millisecond', () => Date.now() > startMs + 1);
      }
      const open = [await scene.create(), await scene.create({ offer: null })].map(({ id }) => id);
      return { ...scene, ids, open };
    };
    const FOREVER = Number.MAX_SAFE_INTEGER;

    it('keeps everything within the bounds', async () => {
      await using scene = await startEnded(4);
      expect(await scene.hub.prune({ maxEnded: 4, maxAgeMs: 60_000 })).toBe(0);
      expect((await scene.hub.list({ limit: 100 })).tasks).toHaveLength(6);
    });

    it('takes the ended tasks over the number, those first that ended first', async () => {
      await using scene = await startEnded(6);
      const { hub, ids, open } = scene;
      expect(await hub.prune({ maxEnded: 2, maxAgeMs: 60_000 })).toBe(4);
      const kept = [...ids.slice(4), ...open].toSorted();
      expect(idsOf((await hub.list({ limit: 100 })).tasks)).toEqual(kept);
      expect(idsOf((await hub.readBoard(100)).tasks)).toEqual(kept);
      for (const id of ids.slice(0, 4)) expect(await hub.read(id)).toBeNull();
      expect(await hub.prune({ maxEnded: 2, maxAgeMs: 60_000 })).toBe(0);
    });

    it('takes what ended too long ago, and never what has not ended', async () => {
      await using scene = await startEnded(3);
      const { hub, open } = scene;
      await until(
        'the tasks to be old enough',
        async () => (await hub.prune({ maxEnded: FOREVER, maxAgeMs: 1 })) > 0,
      );
      await until('all of them to be gone', async () => {
        await hub.prune({ maxEnded: FOREVER, maxAgeMs: 1 });
        return (await hub.list({ limit: 100 })).tasks.length === open.length;
      });
      expect(idsOf((await hub.list({ limit: 100 })).tasks)).toEqual(open.toSorted());
      expect(await hub.prune({ maxEnded: 0, maxAgeMs: 0 })).toBe(0);
    });

    it('takes the log along, and leaves the events', async () => {
      await using scene = await startEnded(1);
      const { hub, ids } = scene;
      const [id] = ids;
      if (id === undefined) throw new Error('no task');
      const runner = await scene.startRunner();
      await runner.runner.appendLog(id, [{ line: 1, stream: 'stdout', text: 'hello' }]);
      expect((await hub.readLogTail(id, 10)).lines).toHaveLength(1);
      const events = await scene.events();
      expect(await hub.prune({ maxEnded: 0, maxAgeMs: 60_000 })).toBe(1);
      expect((await hub.readLogTail(id, 10)).lines).toEqual([]);
      expect(await scene.events()).toEqual(events);
      expect(await hub.cancel(id)).toEqual({ type: 'unknown' });
    });

    it('by two hubs at once forgets each task once', async () => {
      await using scene = await startEnded(20);
      const second = await scene.startHub();
      const retention = { maxEnded: 5, maxAgeMs: 60_000 };
      const forgotten = await Promise.all([scene.hub.prune(retention), second.prune(retention)]);
      expect((await scene.hub.list({ limit: 100 })).tasks).toHaveLength(7);
      expect(forgotten.reduce((sum, count) => sum + count)).toBe(15);
    });
  });
}
