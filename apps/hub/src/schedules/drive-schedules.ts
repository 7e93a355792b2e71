import type { LeaseBus, ReadRecord, RolloutBus, ScheduleBus } from '@booner/bus';
import type { Firing, RolloutHead, RolloutId, StoredSchedule } from '@booner/protocol';
import { shardOfText } from '@booner/protocol/shard';
import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { derivedRolloutId } from '../rollouts/derived-id.ts';
import { requestOf } from '../triggers/request-of.ts';
import type { StartAsOwner } from '../triggers/start-as-owner.ts';
import { advanceSchedule, isUnderWay, refuseFiring } from './advance-schedule.ts';
import { jitterMs, nextTimes } from './schedule-times.ts';

/** A firing is at most this late, beside a takeover. */
const TICK_MS = 500;
/** Changes by other hubs, and rollouts that are under way, are looked at this often. */
const LOOK_MS = 1000;

export type ScheduleDriverDeps = {
  readonly bus: Pick<ScheduleBus, 'whenConnected' | 'readVersion' | 'readAll' | 'change'>;
  readonly rollouts: Pick<RolloutBus, 'readHead'>;
  readonly leases: Pick<LeaseBus, 'leaseOf'>;
  readonly start: StartAsOwner;
  /** Returns true if an instant is within quiet hours of this name. */
  readonly isQuietAt: (name: string, atMs: number) => boolean;
  readonly log: Logger;
};

const rolloutIdOf = (name: string, dueAtMs: number): RolloutId => derivedRolloutId('schedule', name, dueAtMs);

/**
 * Fires the schedules whose shards this hub holds. A firing is stored, while the lease is in force,
 * before its rollout is created; the rollout's id follows from its time, so it exists once.
 */
export class ScheduleDriver {
  readonly #deps: ScheduleDriverDeps;
  #schedules = new Map<string, ReadRecord<StoredSchedule>>();
  #version = Number.NaN;
  #lookedAt = { monotonicMs: Number.NEGATIVE_INFINITY, busMs: 0 };

  constructor(deps: ScheduleDriverDeps) {
    this.#deps = deps;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const failures = createFailureLog(this.#deps.log, {
      failing: 'schedules cannot fire',
      recovered: 'schedules fire again',
    });
    const ready = this.#deps.bus.whenConnected;
    await runLoop(
      { run: () => this.#tickIfNeeded(), intervalMs: TICK_MS, isAligned: true, ready, failures },
      { signal },
    );
  }

  async #tickIfNeeded(): Promise<void> {
    const { monotonicMs, busMs } = this.#lookedAt;
    const elapsedMs = performance.now() - monotonicMs;
    const isDue = ({ record: { nextAtMs } }: ReadRecord<StoredSchedule>) =>
      nextAtMs !== null && nextAtMs <= busMs + elapsedMs;
    if (elapsedMs > LOOK_MS - TICK_MS / 2 || [...this.#schedules.values()].some(isDue)) await this.tick();
  }

  /** Rejects with `BusError`. */
  async tick(): Promise<void> {
    const { bus, leases } = this.#deps;
    const { version, nowMs } = await bus.readVersion();
    this.#lookedAt = { monotonicMs: performance.now(), busMs: nowMs };
    if (version !== this.#version) {
      this.#schedules = new Map(await bus.readAll());
      this.#version = version;
    }
    const held = [...this.#schedules.values()].filter(
      ({ record: { name, nextAtMs, firings } }) =>
        leases.leaseOf(shardOfText(name)) !== null &&
        ((nextAtMs !== null && nextAtMs <= nowMs) || firings.some(isUnderWay)),
    );
    const outcomes = await Promise.allSettled(held.map((read) => this.#advance(read, nowMs)));
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  async #advance({ record: stored, text }: ReadRecord<StoredSchedule>, nowMs: number): Promise<void> {
    const { rollouts, isQuietAt } = this.#deps;
    const { name, schedule, firings } = stored;
    const heads = new Map<RolloutId, RolloutHead | null>();
    for (const { rolloutId } of firings.filter(isUnderWay)) {
      if (rolloutId !== null) heads.set(rolloutId, await rollouts.readHead(rolloutId));
    }
    const step = advanceSchedule(stored, {
      nowMs,
      nextAfter: (atMs) => nextTimes(stored, atMs, 1)[0] ?? null,
      jitterOf: (dueAtMs) => jitterMs(name, dueAtMs, schedule),
      isQuiet: (atMs) => schedule.blackout.some((hours) => isQuietAt(hours, atMs)),
      rolloutOf: (id) => heads.get(id) ?? null,
      rolloutIdOf: (dueAtMs) => rolloutIdOf(name, dueAtMs),
    });
    const saved = step.stored === stored ? text : await this.#save(step.stored, text);
    if (saved === null) return;
    for (const firing of step.start) await this.#start(step.stored, firing, { text: saved, nowMs });
  }

  /** @returns the text that is stored now; `null` if something else is, or the lease is lost */
  async #save(stored: StoredSchedule, before: string): Promise<string | null> {
    const { bus, leases } = this.#deps;
    const lease = leases.leaseOf(shardOfText(stored.name));
    if (lease === null) return null;
    const outcome = await bus.change(lease, stored.name, before, stored);
    return outcome === 'changed' ? JSON.stringify(stored) : null;
  }

  async #start(
    stored: StoredSchedule,
    firing: Firing,
    { text, nowMs }: { readonly text: string; readonly nowMs: number },
  ): Promise<void> {
    const { start, log } = this.#deps;
    const { name, credentialId, schedule } = stored;
    const id = rolloutIdOf(name, firing.dueAtMs);
    const request = requestOf(schedule);
    const outcome = await start({ type: 'schedule', name, credentialId, request, id });
    if (outcome.type === 'started') return;
    const { detail, isForGood } = outcome;
    log.warn({ schedule: name, reason: detail }, 'a schedule could not start its rollout');
    const paused = isForGood ? detail : null;
    await this.#save(refuseFiring(stored, firing, { detail, paused, nowMs }), text);
  }
}
