import type { AlertBus, GroupChanges, Lease, LeaseBus } from '@booner/bus';
import type { GroupInput, GroupMemory, Notification } from '@booner/protocol';
import type { Shard } from '@booner/protocol/shard';
import { Alarm, createFailureLog, type Logger } from '@booner/service';
import {
  type AlertNotification,
  collectEffects,
  dueAt,
  EMPTY_GROUP,
  flushGroup,
  trackEffects,
} from './group-alerts.ts';

/** Every held shard is looked at this often, whatever was missed. */
const SWEEP_INTERVAL_MS = 60_000;
/** Longest wait, since the wall clock that groups go by may be set. */
const LOOK_MS = 1000;
/** Pause after a failure of the bus. */
const RETRY_MS = 1000;

export type GroupKeeperDeps = {
  readonly bus: Pick<AlertBus, 'readGroups' | 'saveGroups' | 'whenConnected'>;
  readonly leases: Pick<LeaseBus, 'leaseOf' | 'held'>;
  /** When the next alert of a group is expected to fire, in Unix milliseconds; `null`: none is. */
  readonly nextOpenMs: (group: string) => number | null;
  /** Writes a notification for people. */
  readonly render: (notification: AlertNotification) => Promise<Notification>;
  /** Channels that are notified for those that an alert names. */
  readonly resolveChannels: (named: readonly string[]) => readonly string[];
  /** Unix time. */
  readonly nowMs: () => number;
  readonly log: Logger;
};

/**
 * Keeps the groups whose shards this hub holds: takes what alerts have given them, and puts
 * notifications that are due into the outbox. It remembers nothing but when to look: groups are
 * read from the bus each time, and stored in one step with what came of them.
 */
export class GroupKeeper {
  readonly #deps: GroupKeeperDeps;
  /** When to look at a shard, in Unix milliseconds. */
  readonly #dueMs = new Map<Shard, number>();
  readonly #alarm = new Alarm();

  constructor(deps: GroupKeeperDeps) {
    this.#deps = deps;
  }

  /** Takes that groups of these shards have something to take. */
  touch(shards: Iterable<Shard>): void {
    const nowMs = this.#deps.nowMs();
    for (const shard of shards) this.#dueMs.set(shard, nowMs);
    this.#alarm.ring();
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const { leases, bus, nowMs, log } = this.#deps;
    const failures = createFailureLog(log, {
      failing: 'groups of alerts cannot be kept',
      recovered: 'groups of alerts are kept again',
    }).job();
    let sweptAtMs = nowMs();
    while (!signal.aborted && (await bus.whenConnected(signal))) {
      if (Math.abs(nowMs() - sweptAtMs) >= SWEEP_INTERVAL_MS) {
        sweptAtMs = nowMs();
        for (const { shard } of leases.held()) this.#dueMs.set(shard, sweptAtMs);
      }
      const due = [...this.#dueMs].filter(([, dueMs]) => dueMs <= nowMs()).map(([shard]) => shard);
      for (const shard of due) this.#dueMs.delete(shard);
      try {
        await Promise.all(due.map((shard) => this.#keep(shard)));
        if (due.length > 0) failures.worked();
      } catch (error) {
        failures.failed(error);
        for (const shard of due) this.#dueMs.set(shard, nowMs() + RETRY_MS);
      }
      const nextMs = Math.min(...this.#dueMs.values(), nowMs() + LOOK_MS);
      await this.#alarm.wait(Math.max(0, nextMs - nowMs()), signal);
    }
  }

  /** Rejects with BusError. */
  async #keep(shard: Shard): Promise<void> {
    const { bus, leases, nowMs } = this.#deps;
    const lease = leases.leaseOf(shard);
    if (lease === null) return;
    const stored = await bus.readGroups(shard);
    const changes = collect(stored.groups, stored.inputs, nowMs());
    const notifications: AlertNotification[] = [];
    let nextMs = Number.POSITIVE_INFINITY;
    for (const [group, memory] of new Map([...stored.groups, ...changes])) {
      const opensAtMs = memory.waiting.length === 0 ? null : this.#deps.nextOpenMs(group);
      const flushed = flushGroup(memory, group, nowMs(), opensAtMs);
      notifications.push(...flushed.notifications);
      if (flushed.memory !== memory) changes.set(group, flushed.memory);
      nextMs = Math.min(nextMs, dueAt(flushed.memory, opensAtMs) ?? nextMs);
    }
    const taken = stored.inputs.length;
    if (taken > 0 || changes.size > 0) await this.#save(lease, taken, changes, notifications);
    // Further inputs may wait: one reading is bounded.
    if (taken > 0) nextMs = nowMs();
    if (Number.isFinite(nextMs)) this.#dueMs.set(shard, Math.min(nextMs, this.#dueMs.get(shard) ?? nextMs));
  }

  async #save(
    lease: Lease,
    taken: number,
    groups: ReadonlyMap<string, GroupMemory>,
    due: readonly AlertNotification[],
  ): Promise<void> {
    const { bus, render, resolveChannels } = this.#deps;
    const rendered = await Promise.all(
      due.map(async (each) => {
        const channels = resolveChannels(each.channels);
        if (channels.length === 0) return [];
        const notification = await render(each);
        return channels.map((channel) => ({ channel, notification }));
      }),
    );
    const changes: GroupChanges = {
      taken,
      groups: new Map([...groups].map(([group, memory]) => [group, memory === EMPTY_GROUP ? null : memory])),
      notifications: rendered.flat(),
    };
    // Without the lease, its next holder does the same.
    await bus.saveGroups(lease, changes);
  }
}

/** Gives inputs to their groups. @returns the groups that changed */
function collect(
  stored: ReadonlyMap<string, GroupMemory>,
  inputs: readonly (GroupInput | null)[],
  atMs: number,
): Map<string, GroupMemory> {
  const changed = new Map<string, GroupMemory>();
  for (const [group, given] of Map.groupBy(
    inputs.filter((input) => input !== null),
    (input) => input.group,
  )) {
    let memory = stored.get(group) ?? EMPTY_GROUP;
    const of = (use: GroupInput['use']) =>
      given.filter((each) => each.use === use).map(({ effect }) => effect);
    memory = trackEffects(memory, of('track'));
    memory = collectEffects(memory, of('collect'), atMs);
    changed.set(group, memory);
  }
  return changed;
}
