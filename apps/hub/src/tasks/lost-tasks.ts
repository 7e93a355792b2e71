import type { BusConnection, TaskBus } from '@booner/bus';
import { type HostId, PRESENCE_TTL_MS, type Task } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/**
 * Maximum time from a runner's last sign of life, the last write of its presence, to the end of its
 * tasks.
 */
const LOST_WITHIN_MS = 30_000;
const CHECK_INTERVAL_MS = 2000;
/**
 * Time without a presence after which a runner is lost. A hub may notice the loss, and then the end
 * of this time, one interval late each.
 */
const LOST_AFTER_MS = LOST_WITHIN_MS - PRESENCE_TTL_MS - 2 * CHECK_INTERVAL_MS;
/**
 * No runner is lost for this long after the hub has started or the bus has recovered, as runners
 * need time to reconnect.
 */
const GRACE_MS = 30_000;
/**
 * During a longer pause between two checks, a runner could have appeared and gone. Shorter than the
 * lifetime of a presence.
 */
const MAX_PAUSE_MS = 10_000;
/** Error of the tasks of a lost runner. */
const AGENT_LOST = 'agent lost';

export type LostTasksDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'whenConnected' | 'readPresentHosts' | 'endLost'>;
  readonly board: { tasks(): Iterable<Task> };
  readonly log: Logger;
  /** Milliseconds of the monotonic clock. */
  readonly nowMs?: () => number;
};

/**
 * Ends the running tasks of lost runners, or queues them again, until the signal aborts. Every hub
 * watches; the bus lets one of them act.
 */
export function endLostTasks(deps: LostTasksDeps, { signal }: { signal: AbortSignal }): Promise<void> {
  const lostTasks = new LostTasks(deps);
  const failures = createFailureLog(deps.log, {
    failing: 'runners cannot be watched, so tasks of lost runners do not end',
    recovered: 'runners are watched again',
  });
  return runLoop(
    {
      run: () => lostTasks.check(),
      intervalMs: CHECK_INTERVAL_MS,
      isAligned: true,
      ready: deps.bus.whenConnected,
      failures,
    },
    { signal },
  );
}

/** Records since when each runner is missing, by this hub's own observation without a gap. */
export class LostTasks {
  readonly #deps: LostTasksDeps;
  readonly #nowMs: () => number;
  readonly #missedSinceMs = new Map<HostId, number>();
  #observedSinceMs = Number.NEGATIVE_INFINITY;
  #lookedAtMs = Number.NEGATIVE_INFINITY;
  #connection: BusConnection | null = null;

  constructor(deps: LostTasksDeps) {
    this.#deps = deps;
    this.#nowMs = deps.nowMs ?? (() => performance.now());
  }

  /**
   * Checks which runners of running tasks are present, and ends the tasks of lost ones. Rejects
   * with `BusError`.
   */
  async check(): Promise<void> {
    const { bus, board, log } = this.#deps;
    const connection = bus.connection();
    const { state, sinceMs } = connection;
    if (state !== this.#connection?.state || sinceMs !== this.#connection.sinceMs)
      this.#lookedAtMs = Number.NEGATIVE_INFINITY;
    this.#connection = connection;
    if (state !== 'connected') return;

    const running = [...board.tasks()].filter(({ status, external }) => status === 'running' && !external);
    const hosts = new Set(running.map(({ host }) => host));
    const present = hosts.size === 0 ? new Set<HostId>() : await bus.readPresentHosts([...hosts]);
    const lost = this.#observe(hosts, present);
    for (const { id, attempt, host } of running) {
      if (!lost.has(host)) continue;
      const outcome = await bus.endLost(id, attempt, AGENT_LOST);
      if (outcome === 'ended') log.warn({ task: id, host }, 'a task was ended: its runner is lost');
      if (outcome === 'requeued') log.warn({ task: id, host }, 'a task was queued again: its runner is lost');
    }
  }

  /** @returns the hosts whose runners are lost */
  #observe(hosts: ReadonlySet<HostId>, present: ReadonlySet<HostId>): ReadonlySet<HostId> {
    const nowMs = this.#nowMs();
    if (nowMs - this.#lookedAtMs > MAX_PAUSE_MS) {
      this.#missedSinceMs.clear();
      this.#observedSinceMs = nowMs;
    }
    this.#lookedAtMs = nowMs;
    const isGraceOver = nowMs - this.#observedSinceMs >= GRACE_MS;
    for (const host of this.#missedSinceMs.keys()) {
      if (!hosts.has(host) || present.has(host)) this.#missedSinceMs.delete(host);
    }
    const lost = new Set<HostId>();
    for (const host of hosts) {
      if (present.has(host)) continue;
      const sinceMs = this.#missedSinceMs.get(host) ?? nowMs;
      this.#missedSinceMs.set(host, sinceMs);
      if (nowMs - sinceMs >= LOST_AFTER_MS && isGraceOver) lost.add(host);
    }
    return lost;
  }
}
