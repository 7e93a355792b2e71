import type { BusState, Task, TaskId } from '@booner/protocol';
import { BoonerError } from '../http/booner-error.ts';
import type { ShownTask, TaskRequests } from '../http/task-requests.ts';
import { createKeyedStores } from '../store/keyed-stores.ts';
import type { Store, WritableStore } from '../store/store.ts';

export type TaskState =
  | { readonly type: 'loading' }
  | { readonly type: 'found'; readonly task: Task }
  /** No task has this id: it never existed, or is no longer kept. */
  | { readonly type: 'unknown' }
  | { readonly type: 'failed'; readonly error: BoonerError };

export type TaskStatesDeps = {
  readonly requests: Pick<TaskRequests, 'readTask'>;
  /** True once the tasks are loaded, and the task of an id among them. */
  readonly isLoaded: () => boolean;
  readonly find: (id: string) => Task | undefined;
  /** Keeps the task stream connected. Returns a function that releases it. */
  readonly hold: () => () => void;
};

export type TaskStates = {
  get(id: string): Store<TaskState>;
  /**
   * The tasks have changed. `isSnapshot`: by a whole snapshot; failed reads are then retried.
   */
  refresh(isSnapshot: boolean): void;
};

/** One store per task, from the stream, or over REST if it ended too long ago for that. */
export function createTaskStates({ requests, isLoaded, find, hold }: TaskStatesDeps): TaskStates {
  const reading = new Map<string, AbortController>();

  const stores = createKeyedStores<TaskState>({
    initial: (id) => {
      const task = find(id);
      return task === undefined ? { type: 'loading' } : { type: 'found', task };
    },
    onWatched(id, store) {
      const release = hold();
      look(id, store);
      return () => {
        release();
        reading.get(id)?.abort();
        reading.delete(id);
      };
    },
  });

  function look(id: string, store: WritableStore<TaskState>): void {
    const task = find(id);
    if (task !== undefined) take(store, task);
    else if (isLoaded() && store.getSnapshot().type !== 'found' && !reading.has(id)) void read(id, store);
  }

  async function read(id: string, store: WritableStore<TaskState>): Promise<void> {
    const own = new AbortController();
    reading.set(id, own);
    try {
      const { queuePosition: _, ...task } = await requests.readTask(id, { signal: own.signal });
      take(store, task satisfies Omit<ShownTask, 'queuePosition'>);
    } catch (error) {
      // nothing waits for it any more
      if (own.signal.aborted || store.getSnapshot().type === 'found') return;
      if (!(error instanceof BoonerError)) throw error;
      store.set(error.code === 'not_found' ? { type: 'unknown' } : { type: 'failed', error });
    } finally {
      if (reading.get(id) === own) reading.delete(id);
    }
  }

  return {
    get: (id) => stores.get(id),
    refresh(isSnapshot) {
      for (const [id, store] of stores.watched) {
        const { type } = store.getSnapshot();
        const isSettled = type === 'unknown' || (type === 'failed' && !isSnapshot);
        if (!isSettled || find(id) !== undefined) look(id, store);
      }
    },
  };
}

function take(store: WritableStore<TaskState>, task: Task): void {
  const state = store.getSnapshot();
  if (state.type === 'found' && task.version <= state.task.version) return;
  store.set({ type: 'found', task });
}

export type TaskList = {
  /** `false`: nothing is known yet, as opposed to no tasks. */
  readonly isLoaded: boolean;
  /** Unless `connected`, the hub receives no changes, so tasks may have advanced. */
  readonly bus: BusState;
  /** By id. An unchanged task stays the same object. */
  readonly tasks: ReadonlyMap<TaskId, Task>;
};
