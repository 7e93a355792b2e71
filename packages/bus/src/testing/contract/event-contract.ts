import {
  type Cursor,
  compareCursors,
  parseCursor,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskId,
} from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { TaskBus } from '../../task-ports.ts';
import type { StartTaskBus } from './task-bus-under-test.ts';
import { FAILED, makeTask } from './task-factory.ts';
import { readAllEvents, startScenario } from './task-scenario.ts';

const FUTURE = '9999999999999-0' as Cursor;

const cursorsOf = (events: readonly TaskEvent[]) => events.map(({ cursor }) => cursor);
const eventsAfter = async (hub: TaskBus, cursor: Cursor, max = 1000) => {
  const events = await hub.readEvents(cursor, max);
  if (events === 'trimmed') throw new Error('trimmed');
  return events;
};

export function describeEvents(startBus: StartTaskBus): void {
  describe('the events', () => {
    it('of a bus on which nothing has happened are none, from the start on', async () => {
      await using scene = await startScenario(startBus);
      expect(await scene.hub.readBoard(10)).toEqual({ cursor: START_CURSOR, tasks: [] });
      expect(await scene.hub.readEvents(START_CURSOR, 10)).toEqual([]);
    });

    it('come under growing cursors, the same on every hub', async () => {
      await using scene = await startScenario(startBus);
      const second = await scene.startHub();
      for (let count = 0; count < 10; count++) await scene.create();
      const cursors = cursorsOf(await scene.events());
      expect(new Set(cursors).size).toBe(10);
      expect(cursors.toSorted(compareCursors)).toEqual(cursors);
      expect(cursors.every((cursor) => parseCursor(cursor) === cursor)).toBe(true);
      expect(await readAllEvents(second)).toEqual(await scene.events());
    });

    it('after a cursor are exactly those that came later, at most as many as asked for', async () => {
      await using scene = await startScenario(startBus);
      for (let count = 0; count < 10; count++) await scene.create();
      const all = await scene.events();
      for (const [index, { cursor }] of all.entries()) {
        expect(await scene.hub.readEvents(cursor, 100)).toEqual(all.slice(index + 1));
        expect(await scene.hub.nextEvents(START_CURSOR, index + 1)).toEqual(all.slice(0, index + 1));
      }
      expect(await eventsAfter(scene.hub, all[2]?.cursor ?? START_CURSOR, 3)).toEqual(all.slice(3, 6));
    });

    it('wake every hub that waits for them', async () => {
      await using scene = await startScenario(startBus);
      const second = await scene.startHub();
      const waiting = [scene.hub.nextEvents(START_CURSOR, 10), second.nextEvents(START_CURSOR, 10)];
      const { id } = await scene.create();
      for (const events of await Promise.all(waiting)) expect(events).toMatchObject([{ task: { id } }]);
    });

    it('that do not come are waited for about 5 s', async () => {
      await using scene = await startScenario(startBus);
      await scene.create();
      const { cursor } = await scene.hub.readBoard(0);
      const startMs = performance.now();
      const [events, reports] = await Promise.all([
        scene.hub.nextEvents(cursor, 10),
        scene.hub.nextReports(10),
      ]);
      expect(events).toEqual([]);
      expect(reports).toEqual([]);
      expect(performance.now() - startMs).toBeGreaterThan(1000);
      expect(performance.now() - startMs).toBeLessThan(8000);
    }, 15_000);

    it.each([
      ['before all entries', '1-1'],
      ['in the future', FUTURE],
      ['that no entry has', null],
    ])('after a cursor %s are unknown', async (_, text) => {
      await using scene = await startScenario(startBus);
      await scene.create();
      const [event] = await scene.events();
      const cursor = (text ?? `${event?.cursor.split('-')[0]}-77`) as Cursor;
      expect(await scene.hub.readEvents(cursor, 10)).toBe('trimmed');
      expect(await scene.hub.nextEvents(cursor, 10)).toBe('trimmed');
    });

    it('have a last position, that of the newest one', async () => {
      await using scene = await startScenario(startBus);
      expect(await scene.hub.readLastCursor()).toBe(START_CURSOR);
      await scene.create();
      const events = await scene.events();
      expect(await scene.hub.readLastCursor()).toBe(events.at(-1)?.cursor);
    });

    it('of an empty stream after another bus’ cursor are unknown', async () => {
      await using scene = await startScenario(startBus);
      expect(await scene.hub.readEvents('1732345678901-0' as Cursor, 10)).toBe('trimmed');
    });

    it('are about 10,000; what is older cannot be resumed, neither from the start', async () => {
      await using scene = await startScenario(startBus);
      const { hub } = scene;
      const { id } = await scene.create({ offer: null });
      const [first] = await scene.events();
      await hub.change(id, { status: 'running' });
      for (let batch = 0; batch < 21; batch++) {
        await Promise.all(
          Array.from({ length: 500 }, (_, index) => hub.change(id, { message: `${batch} ${index}` })),
        );
      }
      expect(await hub.readEvents(first?.cursor ?? START_CURSOR, 10)).toBe('trimmed');
      expect(await hub.readEvents(START_CURSOR, 10)).toBe('trimmed');
      const { cursor, tasks } = await hub.readBoard(10);
      expect(await hub.readEvents(cursor, 10)).toEqual([]);
      expect(tasks).toMatchObject([{ id, version: 10_502 }]);
      await hub.change(id, { status: 'completed' });
      expect(await hub.readEvents(cursor, 10)).toMatchObject([{ kind: 'ended', task: { version: 10_503 } }]);
    }, 60_000);
  });

  describe('the board', () => {
    it('is every task that has not ended and those that ended last', async () => {
      await using scene = await startScenario(startBus);
      const runner = await scene.startRunner();
      const tasks = [];
      for (let count = 0; count < 6; count++) tasks.push(await scene.create());
      const [running, queued, ...ending] = tasks.map(({ id }) => id);
      if (running === undefined || queued === undefined) throw new Error('no tasks');
      await runner.start(running);
      for (const id of ending.toReversed()) await scene.hub.cancel(id);
      const idsOf = async (ended: number) =>
        (await scene.hub.readBoard(ended)).tasks.map(({ id }) => id).toSorted();
      expect(await idsOf(10)).toEqual(tasks.map(({ id }) => id).toSorted());
      expect(await idsOf(2)).toEqual([running, queued, ...ending.slice(0, 2)].toSorted());
      expect(await idsOf(0)).toEqual([running, queued].toSorted());
      for (const task of (await scene.hub.readBoard(10)).tasks) {
        expect(task).toEqual(await scene.hub.read(task.id));
      }
      expect((await scene.hub.readBoard(10)).cursor).toBe((await scene.events()).at(-1)?.cursor);
    });

    it('and the events after its cursor leave no gap and repeat nothing, whenever it is read', async () => {
      await using scene = await startScenario(startBus);
      const watching = await scene.startHub();
      const runner = await scene.startRunner();
      const last = makeTask({ action: 'last' });
      const work = async () => {
        for (let round = 0; round < 10; round++) {
          const { id } = await scene.create();
          const grant = await runner.start(id);
          await runner.say(runner.progressReport(grant, 1));
          await runner.say(runner.endReport(grant, FAILED));
        }
        await scene.hub.create(last);
      };
      /** Follows from now on, as a client does, and returns what it then believes. */
      const follow = async () => {
        const { cursor, tasks } = await watching.readBoard(100);
        const board = new Map<TaskId, Partial<Task>>(tasks.map((task) => [task.id, task]));
        const events: TaskEvent[] = [];
        while (!board.has(last.id)) {
          const next = await watching.nextEvents(events.at(-1)?.cursor ?? cursor, 3);
          if (next === 'trimmed') throw new Error('trimmed');
          events.push(...next);
          for (const { task } of next) {
            const known = board.get(task.id);
            if (task.version <= (known?.version ?? 0)) continue;
            expect(task.version).toBe((known?.version ?? 0) + 1);
            board.set(task.id, { ...known, ...task });
          }
        }
        expect(events).toEqual(await eventsAfter(scene.hub, cursor));
        return board;
      };
      const working = work();
      const followers = [follow()];
      for (let count = 0; count < 10; count++) {
        await readAllEvents(watching);
        followers.push(follow());
      }
      await working;
      const { tasks } = await scene.hub.readBoard(100);
      const expected = new Map(tasks.map((task) => [task.id, task]));
      for (const board of await Promise.all(followers)) expect(board).toEqual(expected);
    });
  });
}
