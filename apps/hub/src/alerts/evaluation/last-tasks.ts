import { type HostId, hasEnded, type Task } from '@booner/protocol';
import { NEWS_FOR_MS, type StateFacts } from '../states/state-kind.ts';

type LastTask = { readonly action: string; readonly hasFailed: boolean; readonly endedAtMs: number };

/** Actions that are remembered of a host. The oldest are forgotten. */
const MAX_ACTIONS = 200;
const NONE: StateFacts['endedTasks'] = [];

/** How the last task of each action ended, on each host. */
export class LastTasks {
  readonly #hosts = new Map<HostId, Map<string, LastTask>>();

  /** Takes all tasks that are known when this hub starts. */
  load(tasks: readonly Task[]): void {
    this.onEnded(tasks.filter(({ status }) => hasEnded(status)).sort((a, b) => endOf(a) - endOf(b)));
  }

  /** Takes tasks that have ended, in the order of their end. */
  onEnded(tasks: readonly Task[]): void {
    for (const task of tasks) {
      const { host, action, status } = task;
      if (status === 'cancelled') continue; // it neither worked nor failed
      const actions = this.#hosts.get(host) ?? new Map<string, LastTask>();
      actions.delete(action);
      actions.set(action, { action, hasFailed: status === 'failed', endedAtMs: endOf(task) });
      if (actions.size > MAX_ACTIONS) actions.delete(actions.keys().next().value!);
      this.#hosts.set(host, actions);
    }
  }

  of(host: HostId, nowMs: number): StateFacts['endedTasks'] {
    const actions = this.#hosts.get(host);
    if (actions === undefined) return NONE;
    return Array.from(actions.values(), ({ action, hasFailed, endedAtMs }) => ({
      action,
      hasFailed,
      isNews: nowMs - endedAtMs <= NEWS_FOR_MS,
    }));
  }

  forget(host: HostId): void {
    this.#hosts.delete(host);
  }
}

const endOf = ({ endedAtMs }: Task): number => endedAtMs ?? 0;
