import type { TaskBus } from '@booner/bus';
import type { HostId, Task } from '@booner/protocol';
import type { TasksFeature } from '../../tasks/start-tasks.ts';
import type { StateFacts } from '../states/state-kind.ts';
import { usualMs } from './usual-duration.ts';

/** Nobody needs a message about a task of seconds that takes a few more. */
const LONG_MS = 60_000;
/** A task is slow after this many times its usual duration. */
const SLOW_FACTOR = 2;
/** Completed tasks that tell what is usual. */
const TASKS = 100;
/** Usual durations are read again this often, and after a failure. */
const KEPT_MS = 10 * 60_000;
const RETRY_MS = 10_000;

const NONE: StateFacts['longTasks'] = [];

type Usual = {
  /** `null`: they could not be read yet. */
  readonly completed: readonly Task[] | null;
  readonly readAgainAtMs: number;
};

export type LongTasksDeps = {
  readonly bus: Pick<TaskBus, 'list'>;
  readonly board: Pick<TasksFeature['board'], 'tasks'>;
  /** Unix time. */
  readonly nowMs: () => number;
  readonly onFailure: (error: unknown) => void;
};

/** Tasks that have run for over a minute, and what is usual for their actions. */
export class LongTasks {
  readonly #deps: LongTasksDeps;
  #running: ReadonlyMap<HostId, readonly Task[]> = new Map();
  #usual = new Map<string, Usual>();

  constructor(deps: LongTasksDeps) {
    this.#deps = deps;
  }

  /** Looks at what runs now. @returns the hosts whose facts can have changed */
  look(): Iterable<HostId> {
    const { board, nowMs } = this.#deps;
    const before = this.#running;
    const running = board.tasks().filter((task) => task.status === 'running' && this.#ranMs(task) >= LONG_MS);
    this.#running = Map.groupBy(running, ({ host }) => host);
    const actions = new Set(running.map(({ action }) => action));
    this.#usual = new Map([...this.#usual].filter(([action]) => actions.has(action)));
    for (const action of actions) {
      if (nowMs() >= (this.#usual.get(action)?.readAgainAtMs ?? 0)) void this.#read(action);
    }
    return new Set([...before.keys(), ...this.#running.keys()]);
  }

  of(host: HostId): StateFacts['longTasks'] {
    const running = this.#running.get(host);
    if (running === undefined) return NONE;
    return running.map((task) => ({ action: task.action, isSlow: this.#isSlow(task) }));
  }

  #isSlow(task: Task): boolean | null {
    const completed = this.#usual.get(task.action)?.completed ?? null;
    if (completed === null) return null;
    const usual = usualMs(completed, task.host);
    return usual !== null && this.#ranMs(task) > SLOW_FACTOR * usual;
  }

  #ranMs = ({ startedAtMs }: Pick<Task, 'startedAtMs'>): number =>
    this.#deps.nowMs() - (startedAtMs ?? Infinity);

  /** Never rejects. */
  async #read(action: string): Promise<void> {
    const { bus, nowMs, onFailure } = this.#deps;
    const known = this.#usual.get(action)?.completed ?? null;
    this.#usual.set(action, { completed: known, readAgainAtMs: nowMs() + RETRY_MS });
    try {
      const { tasks } = await bus.list({ action, status: 'completed', limit: TASKS });
      this.#usual.set(action, { completed: tasks, readAgainAtMs: nowMs() + KEPT_MS });
    } catch (error) {
      onFailure(error);
    }
  }
}
