import type { Task, TaskEvent, TaskId } from '@booner/protocol';
import { hasEnded } from '@booner/protocol/has-ended';
import { shareStructure } from '../store/share-structure.ts';

/** Ended tasks that are kept. Those that ended first are dropped. A hub's snapshot has 200. */
const MAX_ENDED = 500;

export type TaskChange = {
  readonly task: Task;
  /** `null` if the task is new. */
  readonly previous: Task | null;
};

/**
 * Tasks to remove if a snapshot does not contain them: all, those not known to have ended, or none.
 */
export type Forget = 'all' | 'open' | 'none';

/**
 * The tasks that a client knows. The higher of two versions of a task is kept, whichever way it
 * arrived, so that nothing is applied twice and nothing goes back.
 */
export class TaskCache {
  readonly #tasks = new Map<TaskId, Task>();
  #snapshot: ReadonlyMap<TaskId, Task> | null = null;

  /** By id, in the order of arrival. The same object while nothing changes. */
  get tasks(): ReadonlyMap<TaskId, Task> {
    this.#snapshot ??= new Map(this.#tasks);
    return this.#snapshot;
  }

  find(id: string): Task | undefined {
    return this.#tasks.get(id as TaskId);
  }

  /** Applies a snapshot or page of tasks. */
  takeAll(tasks: readonly Task[], forget: Forget): readonly TaskChange[] {
    const present = new Set(tasks.map(({ id }) => id));
    for (const { id, status } of this.#tasks.values()) {
      if (present.has(id) || forget === 'none') continue;
      if (forget === 'all' || !hasEnded(status)) this.#remove(id);
    }
    const changes = tasks.map((task) => this.#put(task)).filter((change) => change !== null);
    this.#dropOldestEnded();
    return changes;
  }

  /**
   * Applies an event. Returns `gap` if an earlier one is missing and a snapshot is needed, `known`
   * if it is not new.
   */
  takeEvent({ kind, task }: TaskEvent): TaskChange | 'known' | 'gap' {
    const before = this.#tasks.get(task.id);
    if (before !== undefined && task.version <= before.version) return 'known';
    const isNext = before === undefined ? kind === 'created' : task.version === before.version + 1;
    if (!isNext) return 'gap';
    const change = this.#put({ ...before, ...task } as Task);
    if (hasEnded(task.status)) this.#dropOldestEnded();
    return change ?? 'known';
  }

  #put(task: Task): TaskChange | null {
    const previous = this.#tasks.get(task.id) ?? null;
    if (previous !== null && task.version <= previous.version) return null;
    const shared = shareStructure(previous, task);
    this.#tasks.set(task.id, shared);
    this.#snapshot = null;
    return { task: shared, previous };
  }

  #remove(id: TaskId): void {
    this.#tasks.delete(id);
    this.#snapshot = null;
  }

  #dropOldestEnded(): void {
    const ended = [...this.#tasks.values()].filter(({ status }) => hasEnded(status));
    if (ended.length <= MAX_ENDED) return;
    ended.sort((a, b) => (a.endedAtMs ?? 0) - (b.endedAtMs ?? 0));
    for (const { id } of ended.slice(0, ended.length - MAX_ENDED)) this.#remove(id);
  }
}
