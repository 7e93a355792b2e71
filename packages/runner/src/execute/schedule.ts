import type { TaskId } from '@booner/protocol/task-id';

/** What a run takes besides its place among the runs of the host: one of `limit` places that share a key. */
export type Slot = { readonly key: string; readonly limit: number };

/** Decides which of the offered tasks may be claimed. */
export type Schedule = {
  /** Puts a task at the end of the queue, unless it is known already. @returns whether it was not */
  add(task: TaskId): boolean;
  /**
   * Takes the tasks out of the queue that have a place now; they hold it until they are released. In the order in which they came: a task
   * that has no place holds back those that wait for the same place, and no other.
   */
  takeReady(): readonly TaskId[];
  /** Gives a task's place back, or takes it out of the queue. */
  release(task: TaskId): void;
  waiting(): number;
};

export type ScheduleOptions = {
  /** Runs at a time on this host. */
  readonly concurrency: number;
  /** Asked whenever the task may get a place, as the actions change; `null`: it needs none. */
  readonly slotOf: (task: TaskId) => Slot | null;
};

export function createSchedule({ concurrency, slotOf }: ScheduleOptions): Schedule {
  const queue = new Set<TaskId>();
  /** The key that each task holds a place of; `null` for one that needs none. */
  const held = new Map<TaskId, string | null>();
  const taken = new Map<string, number>();
  let runs = 0;

  const take = (task: TaskId): boolean => {
    const slot = slotOf(task);
    if (slot !== null) {
      const count = taken.get(slot.key) ?? 0;
      if (runs >= concurrency || count >= slot.limit) return false;
      taken.set(slot.key, count + 1);
      runs += 1;
    }
    held.set(task, slot?.key ?? null);
    return true;
  };
  return {
    add: (task) => {
      if (queue.has(task) || held.has(task)) return false;
      queue.add(task);
      return true;
    },
    takeReady: () => {
      const ready = [...queue].filter(take);
      for (const task of ready) queue.delete(task);
      return ready;
    },
    release: (task) => {
      queue.delete(task);
      const key = held.get(task);
      held.delete(task);
      if (key === undefined || key === null) return;
      const left = (taken.get(key) ?? 1) - 1;
      if (left === 0) taken.delete(key);
      else taken.set(key, left);
      runs -= 1;
    },
    waiting: () => queue.size,
  };
}
