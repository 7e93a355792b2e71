import { createMemoryBus } from '@booner/bus/memory';
import {
  type Cursor,
  ENDED_TASKS_SHOWN,
  type HostId,
  newTaskId,
  START_CURSOR,
  type Task,
  type TaskEvent,
  type TaskMap,
} from '@booner/protocol';
import { makeTask } from '@booner/testkit/make-task';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { externalTask } from '../testing/test-task-hub.ts';
import { EVERYTHING } from '../ws/readable.ts';
import { TaskBoard } from './task-board.ts';

const HOST = '10.0.0.2' as HostId;

const task = (fields: Partial<Task> = {}): Task =>
  makeTask(fields.id ?? newTaskId(), { host: HOST, action: 'deploy', ...fields });

const event = (
  changed: Partial<Task> & Pick<Task, 'id' | 'version'>,
  { cursor = '5-0', kind = 'progress' }: { cursor?: string; kind?: TaskEvent['kind'] } = {},
): TaskEvent => ({
  type: 'event',
  cursor: cursor as Cursor,
  kind,
  task: { host: HOST, status: 'running', ...changed },
});

function boardOf(...tasks: Task[]): TaskBoard {
  const board = new TaskBoard();
  board.load({ cursor: START_CURSOR, tasks });
  return board;
}

const mapOf = (board: TaskBoard): TaskMap => JSON.parse(board.version1Text(EVERYTHING));

describe('a board of tasks', () => {
  it('knows nothing before it was loaded', () => {
    const board = new TaskBoard();
    expect(board.isLoaded).toBe(false);
    board.load({ cursor: START_CURSOR, tasks: [] });
    expect(board.isLoaded).toBe(true);
    expect(board.version1Text(EVERYTHING)).toBe('{}');
  });

  it('shows version 1 without absent results and errors', () => {
    const done = task({ status: 'completed', result: { details: 'ok' }, endedAtMs: 9 });
    const failed = task({ status: 'failed', error: 'exit code 3', endedAtMs: 9 });
    const waiting = task();
    expect(mapOf(boardOf(done, failed, waiting))).toEqual({
      [done.id]: { status: 'completed', result: { details: 'ok' } },
      [failed.id]: { status: 'failed', error: 'exit code 3' },
      [waiting.id]: { status: 'queued' },
    });
  });

  it('moves its position with every event and drops those that it is ahead of', () => {
    const known = task({ version: 3, status: 'running', progressPercent: 50 });
    const board = boardOf(known);
    board.apply(event({ id: known.id, version: 3, progressPercent: 10 }, { cursor: '7-1' }));
    expect(board.cursor).toBe('7-1');
    expect(board.get(known.id)?.progressPercent).toBe(50);
    board.apply(event({ id: known.id, version: 4, progressPercent: 60 }, { cursor: '7-2' }));
    expect(board.get(known.id)).toEqual({ ...known, version: 4, progressPercent: 60 });
  });

  it('counts no change of version 1 for progress, and one for each status', () => {
    const known = task({ version: 2, status: 'running' });
    const board = boardOf(known);
    const before = board.version1Revision;
    board.apply(event({ id: known.id, version: 3, progressPercent: 10, message: 'half' }));
    expect(board.version1Revision).toBe(before);
    board.apply(event({ id: known.id, version: 4, status: 'failed', error: 'no', endedAtMs: 5 }));
    expect(board.version1Revision).toBe(before + 1);
    expect(mapOf(board)[known.id]).toEqual({ status: 'failed', error: 'no' });
    expect(
      board.taskTexts({ hosts: null, readable: EVERYTHING }).map((text) => JSON.parse(text))[0],
    ).toMatchObject({
      version: 4,
      message: 'half',
    });
  });

  it('takes the stored task for an event that leaves a gap, and puts an unknown one in its place', () => {
    const first = task({ createdAtMs: 1 });
    const last = task({ createdAtMs: 3 });
    const board = boardOf(first, last);
    const missed = task({ createdAtMs: 2, version: 5, status: 'running' });
    board.apply(event({ id: missed.id, version: 4 }), missed);
    expect(board.tasks()).toEqual([first, missed, last]);
    const newer = { ...first, version: 9, status: 'running' as const };
    board.apply(event({ id: first.id, version: 7 }), newer);
    expect(board.get(first.id)).toEqual(newer);
    board.apply(event({ id: newTaskId(), version: 4 }), null);
    expect(board.size).toBe(3);
  });

  it('keeps every open task and those that ended last', () => {
    const ended = Array.from({ length: ENDED_TASKS_SHOWN + 2 }, (_, index) =>
      task({ status: 'completed', endedAtMs: 1000 - index, createdAtMs: index }),
    );
    const open = Array.from({ length: 300 }, () => task());
    const board = boardOf(...ended, ...open);
    expect(board.size).toBe(ENDED_TASKS_SHOWN + 300);
    expect(board.get(ended.at(-1)!.id)).toBeNull();
    expect(board.get(ended[0]!.id)).not.toBeNull();
    board.apply(event({ id: open[0]!.id, version: 2, status: 'cancelled', endedAtMs: 2000 }));
    expect(board.get(open[0]!.id)?.status).toBe('cancelled');
    expect(board.size).toBe(ENDED_TASKS_SHOWN + 299);
    const longAgo = task({ status: 'failed', endedAtMs: 1, version: 4 });
    board.apply(event({ id: longAgo.id, version: 4, status: 'failed' }), longAgo);
    expect(board.get(longAgo.id)).toBeNull();
  });

  it('ranks the tasks that wait for a runner, host by host', () => {
    const other = '10.0.0.3' as HostId;
    const tasks = [
      task({ status: 'running' }),
      task({ createdAtMs: 2 }),
      task({ createdAtMs: 3, host: other }),
      task({ createdAtMs: 4, external: true }),
      task({ createdAtMs: 5 }),
    ];
    const board = boardOf(...tasks);
    const ranks = () => tasks.map(({ id }) => board.queuePosition(id));
    expect(ranks()).toEqual([null, 1, 1, null, 2]);
    board.apply(event({ id: tasks[1]!.id, version: 2 }, { kind: 'started' }));
    expect(ranks()).toEqual([null, null, 1, null, 1]);
  });

  it('equals what the bus holds, from whatever point on it followed', async () => {
    const step = fc.tuple(fc.nat(5), fc.constantFrom('create', 'running', 'progress', 'completed', 'cancel'));
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), fc.nat(40), async (steps, loadAt) => {
        await using bus = createMemoryBus().startTasks({ waitMs: 0 });
        const board = new TaskBoard();
        const ids: Task['id'][] = [];
        const load = async () => board.load(await bus.readBoard(ENDED_TASKS_SHOWN));
        for (const [index, [which, what]] of steps.entries()) {
          if (index === loadAt) await load();
          const id = ids[which % (ids.length || 1)];
          if (what === 'create' || id === undefined) {
            const made = externalTask();
            ids.push(made.id);
            await bus.create(made);
          } else if (what === 'cancel') await bus.cancel(id);
          else if (what === 'progress') await bus.change(id, { progressPercent: which * 10 });
          else await bus.change(id, { status: what as 'running' | 'completed', message: what });
        }
        if (!board.isLoaded) await load();
        const events = await bus.readEvents(board.cursor, 1000);
        if (events === 'trimmed') throw new Error('trimmed');
        for (const each of events) board.apply(each);
        const held = (await bus.readBoard(ENDED_TASKS_SHOWN)).tasks;
        expect(board.tasks().sort(byId)).toEqual(held.toSorted(byId));
      }),
    );
  });
});

const byId = (a: Task, b: Task) => (a.id < b.id ? -1 : 1);
