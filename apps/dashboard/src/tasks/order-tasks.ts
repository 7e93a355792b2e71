import type { Task, TaskStatus } from '@booner/protocol';
import { paramsText } from './params-text.ts';
import type { TasksSearch } from './tasks-search.ts';

const RANKS: Readonly<Record<TaskStatus, number>> = {
  running: 0,
  queued: 1,
  completed: 2,
  failed: 2,
  cancelled: 2,
};

/**
 * Orders tasks: running ones, last started first; queued ones in queue order; ended ones, last
 * ended first.
 */
export function orderTasks(tasks: readonly Task[]): readonly Task[] {
  return tasks.toSorted(
    (a, b) => RANKS[a.status] - RANKS[b.status] || within(a, b) || (a.id < b.id ? -1 : 1),
  );
}

/** Compares two tasks of one rank. */
function within(a: Task, b: Task): number {
  if (a.status === 'queued') return a.createdAtMs - b.createdAtMs;
  return momentOf(b) - momentOf(a);
}

const momentOf = ({ endedAtMs, startedAtMs, createdAtMs }: Task): number =>
  endedAtMs ?? startedAtMs ?? createdAtMs;

export type TaskFilter = Pick<TasksSearch, 'q' | 'host' | 'action'> & {
  /** Hosts whose tasks are shown. Absent: all. */
  readonly hosts?: ReadonlySet<string> | undefined;
};

/** Returns the tasks with a host, the action and each word of the text, whatever their status. */
export function filterTasks(
  tasks: Iterable<Task>,
  { q = '', host, hosts, action }: TaskFilter,
): readonly Task[] {
  const words = q.toLowerCase().split(/\s+/).filter(Boolean);
  const found: Task[] = [];
  for (const task of tasks) {
    if (host !== undefined && task.host !== host) continue;
    if (hosts?.has(task.host) === false) continue;
    if (action !== undefined && task.action !== action) continue;
    if (words.length > 0) {
      const text = textOf(task);
      if (!words.every((word) => text.includes(word))) continue;
    }
    found.push(task);
  }
  return found;
}

const texts = new WeakMap<Task, string>();

/**
 * Returns the searched text of a task. Unchanged tasks stay the same objects, so each is computed
 * once.
 */
function textOf(task: Task): string {
  const known = texts.get(task);
  if (known !== undefined) return known;
  const { id, host, action, status, message, error, params, result, createdBy } = task;
  const json = [paramsText(params), JSON.stringify(params), JSON.stringify(result)];
  const text = [id, host, action, status, message, error, createdBy, ...json].join('\n').toLowerCase();
  texts.set(task, text);
  return text;
}

export type StatusCounts = Readonly<Record<TaskStatus, number>>;

export function countByStatus(tasks: readonly Task[]): StatusCounts {
  const counts = { queued: 0, running: 0, completed: 0, failed: 0, cancelled: 0 };
  for (const { status } of tasks) counts[status]++;
  return counts;
}

/**
 * Returns the values of one field, unique and sorted, including the selected one even if no task
 * has it.
 */
export function choicesOf(
  tasks: Iterable<Task>,
  field: 'host' | 'action',
  chosen: string | undefined,
): readonly string[] {
  const values = new Set<string>(chosen === undefined ? [] : [chosen]);
  for (const task of tasks) values.add(task[field]);
  return [...values].sort((a, b) => a.localeCompare(b, undefined, { numeric: true }));
}
