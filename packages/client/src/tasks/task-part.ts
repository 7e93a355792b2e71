import type { Cursor } from '@booner/protocol';
import type { Connect } from '../connection/connect.ts';
import type { Rest } from '../http/rest.ts';
import type { TaskRequests } from '../http/task-requests.ts';
import { createHeldListeners } from '../store/held-listeners.ts';
import { createKeyedStores } from '../store/keyed-stores.ts';
import { createStore, type Store } from '../store/store.ts';
import type { Clock } from '../time/clock.ts';
import { createPaced } from '../time/paced.ts';
import { followLog, type LogPart } from './follow-log.ts';
import { EMPTY_LOG, type TaskLog } from './log-buffer.ts';
import { LogFeeds } from './log-feeds.ts';
import { TaskCache, type TaskChange } from './task-cache.ts';
import { createTaskStates, type TaskList, type TaskState } from './task-states.ts';
import { createTaskStream } from './task-stream.ts';

/** Shortest time between two updates of the list. */
const PAUSE_MS = 50;

export type LogOptions = {
  /**
   * Number of the line after which to start; 0 for everything kept. Default: start with the last
   * 500. Does not affect a log that is already followed.
   */
  readonly afterLine?: number | undefined;
};

export type TaskPart = {
  /** Every task that has not ended, and the most recently ended ones. */
  readonly tasks: Store<TaskList>;
  /** One task, even one that ended long ago. The same store for the same id. */
  task(id: string): Store<TaskState>;
  /** The output of one task, at most 100,000 lines. Extended while it is watched. */
  taskLog(id: string, options?: LogOptions): Store<TaskLog>;
  /**
   * Yields the output of one task as it arrives, until the task has ended. Rejects with
   * `BoonerError`, or with the signal's reason.
   */
  followLog(
    id: string,
    options?: LogOptions & { readonly signal?: AbortSignal | undefined },
  ): AsyncGenerator<LogPart, void, undefined>;
  /**
   * Calls back once for each change of a task, in order, but not for the initial state. Keeps the
   * task stream connected. Returns a function that unsubscribes.
   */
  onTaskChange(listener: (change: TaskChange) => void): () => void;
};

export type TaskPartDeps = {
  readonly rest: Rest;
  readonly requests: TaskRequests;
  readonly connect: Connect;
  readonly url: (cursor: Cursor | null) => string;
  readonly clock: Clock;
  readonly intervalMs: () => number;
  /** Ends logs that are followed, with its reason. */
  readonly closed: AbortSignal;
};

export function createTaskPart({ rest, requests, connect, url, clock, intervalMs, closed }: TaskPartDeps) {
  const cache = new TaskCache();
  const feeds = new LogFeeds({ rest, requests }, clock);
  const listeners = createHeldListeners<TaskChange>(() => demand.hold());
  const beginnings = new Map<string, number>();

  const list = createStore<TaskList>({ isLoaded: false, bus: 'connecting', tasks: cache.tasks }, () =>
    demand.hold(),
  );
  const show = createPaced(
    () => {
      const { isLoaded, bus } = stream;
      const { tasks } = cache;
      const shown = list.getSnapshot();
      if (shown.isLoaded !== isLoaded || shown.bus !== bus || shown.tasks !== tasks) {
        list.set({ isLoaded, bus, tasks });
      }
      states.refresh(false);
    },
    PAUSE_MS,
    clock,
  );
  const stream = createTaskStream({
    rest,
    url,
    intervalMs,
    cache,
    feeds,
    onChange(changes, isSnapshot) {
      show.request();
      if (isSnapshot) states.refresh(true);
      for (const change of changes) listeners.call(change);
    },
    onBus: () => show.request(),
  });
  const { connection, demand } = connect(stream);
  const states = createTaskStates({
    requests,
    isLoaded: () => stream.isLoaded,
    find: (id) => cache.find(id),
    hold: () => demand.hold(),
  });
  const logs = createKeyedStores<TaskLog>({
    initial: () => EMPTY_LOG,
    onWatched(id, store) {
      const release = demand.hold();
      const end = feeds.start(id, store, beginnings.get(id) ?? null);
      return () => {
        end();
        release();
      };
    },
  });

  function taskLog(id: string, { afterLine }: LogOptions = {}): Store<TaskLog> {
    if (!logs.watched.has(id)) {
      if (afterLine === undefined) beginnings.delete(id);
      else beginnings.set(id, afterLine);
    }
    return logs.get(id);
  }
  const part: TaskPart = {
    tasks: list,
    task: states.get,
    taskLog,
    followLog(id, options = {}) {
      const { afterLine, signal } = options;
      const either = signal === undefined ? closed : AbortSignal.any([signal, closed]);
      return followLog(taskLog(id, options), { afterLine, signal: either });
    },
    onTaskChange: listeners.add,
  };
  return {
    part,
    connection,
    close() {
      demand.end();
      show.cancel();
    },
  };
}
