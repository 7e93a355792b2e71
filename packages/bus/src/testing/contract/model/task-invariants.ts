import { DEFAULT_ATTEMPTS, hasEnded, type Task, type TaskId, type TaskStatus } from '@booner/protocol';
import { expect } from 'vitest';
import { readAllEvents } from '../task-scenario.ts';
import type { TaskWorld } from './task-world.ts';

/** The tasks as they were after the command before. */
export type Seen = { tasks: ReadonlyMap<TaskId, Task> };

const rank = (status: TaskStatus): number => (hasEnded(status) ? 2 : status === 'running' ? 1 : 0);

/**
 * Holds what is stored against what was stored before: nothing goes back, and what has ended stays.
 */
export async function expectLegalMoves(seen: Seen, world: TaskWorld): Promise<void> {
  const { tasks } = await world.hub().list({ limit: 500 });
  expect(tasks.map(({ id }) => id).toSorted()).toEqual(world.tasks.map(({ id }) => id).toSorted());
  for (const task of tasks) {
    const before = seen.tasks.get(task.id);
    if (before === undefined) continue;
    expect(task.version).toBeGreaterThanOrEqual(before.version);
    if (task.version === before.version || hasEnded(before.status)) expect(task).toEqual(before);
    if (!mayWaitAgain(world, before)) expect(rank(task.status)).toBeGreaterThanOrEqual(rank(before.status));
    expect(task.attempt).toBeGreaterThanOrEqual(before.attempt);
  }
  seen.tasks = new Map(tasks.map((task) => [task.id, task]));
}

/** True if a task may go back from `running` to `queued`. */
const mayWaitAgain = ({ tasks }: TaskWorld, { id, status }: Task): boolean =>
  status === 'running' && tasks.some((task) => task.id === id && task.idempotent);

/** Expects the invariants of every run, whatever happened in it. */
export async function expectInvariants(world: TaskWorld): Promise<void> {
  expectSpawnedOnce(world);
  const fromEvents = new Map<TaskId, Partial<Task>>();
  for (const { kind, task } of await readAllEvents(world.hub())) {
    const before = fromEvents.get(task.id);
    expect(task.version, 'versions grow by one').toBe((before?.version ?? 0) + 1);
    expect(kind === 'created', 'a task is created first, and once').toBe(before === undefined);
    expect(before?.status !== undefined && hasEnded(before.status), 'nothing follows an end').toBe(false);
    expect(kind === 'ended', 'an end is called one').toBe(hasEnded(task.status));
    const attempts = (task.attempt ?? before?.attempt ?? 0) - (before?.attempt ?? 0);
    expect(attempts, 'each start is one attempt').toBe(kind === 'started' ? 1 : 0);
    fromEvents.set(task.id, { ...before, ...task });
  }
  for (const { id, external, idempotent } of world.tasks) {
    const task = await world.hub().read(id);
    expect(fromEvents.get(id), 'the events tell the whole task').toEqual(task);
    if (!external) expect(task && hasEnded(task.status), 'every task of a runner ends').toBe(true);
    if (task && hasEnded(task.status)) expectEndedSteps(task);
    if (world.neverStarted.has(id)) expect(task?.status).toBe('cancelled');
    const starts = world.spawns.filter((spawn) => spawn.task === id).length;
    if (task?.status === 'completed' && !external && !idempotent) expect(starts).toBe(1);
  }
  const { tasks: board } = await world.hub().readBoard(500);
  const byId = (tasks: readonly Partial<Task>[]) =>
    tasks.toSorted((a, b) => ((a.id ?? '') < (b.id ?? '') ? -1 : 1));
  expect(byId(board)).toEqual(byId([...fromEvents.values()]));
}

function expectEndedSteps({ steps }: Task): void {
  const open = steps?.filter(({ status }) => status === 'running' || status === 'waiting') ?? [];
  expect(open, 'the steps of an ended task have ended').toEqual([]);
}

function expectSpawnedOnce({ spawns, overlaps, tasks, neverStarted }: TaskWorld): void {
  expect(overlaps, 'no task runs twice at once').toEqual([]);
  const attempts = spawns.map(({ attempt }) => attempt);
  expect(new Set(attempts).size, 'one process an attempt').toBe(attempts.length);
  for (const { id, idempotent, external } of tasks) {
    const starts = spawns.filter(({ task }) => task === id).length;
    if (idempotent) expect(starts, 'as many as its attempts').toBeLessThanOrEqual(DEFAULT_ATTEMPTS);
    else expect(starts, 'one process a task').toBeLessThanOrEqual(1);
    if (external || neverStarted.has(id)) expect(starts, 'what was never to start').toBe(0);
  }
}
