import { setImmediate } from 'node:timers/promises';
import type { Rollout, RolloutHead, RolloutHost, RolloutId } from '@booner/protocol';
import { MAX_ENDED_ROLLOUTS, MAX_OPEN_ROLLOUTS } from '@booner/protocol/limits';
import { shardOfText } from '@booner/protocol/shard';
import type { RolloutBus } from '../rollout-ports.ts';
import { headOf, hostField, readRollout, readRolloutHead } from '../stored-rollouts.ts';
import { accept, type OnRejected } from '../stored-values.ts';
import { isInForce, type LeaseState } from './memory-leases.ts';
import { startMemoryScope } from './memory-scope.ts';
import type { RolloutState, StoredRollout } from './rollout-state.ts';

export type MemoryRolloutsOptions = { readonly onRejected?: OnRejected };

/** Starts a hub's side of rollouts of a bus in memory. */
export function startMemoryRollouts(
  { rollouts }: RolloutState,
  leases: LeaseState,
  { onRejected = () => {} }: MemoryRolloutsOptions = {},
): RolloutBus {
  const { side, use } = startMemoryScope();
  const open = () => [...rollouts.values()].filter(({ isOpen }) => isOpen);

  const create = (rollout: Rollout) => {
    if (rollouts.has(rollout.id)) return 'existing';
    if (open().length >= MAX_OPEN_ROLLOUTS) return 'full';
    const head = headOf(rollout);
    const sequence = ([...rollouts.values()].at(-1)?.sequence ?? 0) + 1;
    const stored: StoredRollout = { fields: {}, head, isOpen: true, sequence };
    write(stored, head, rollout.hosts);
    rollouts.set(rollout.id, stored);
    removeExcess(rollouts);
    return 'created';
  };

  return {
    ...side,
    create: use(create),
    read: use((id) => {
      const stored = rollouts.get(id);
      return stored === undefined
        ? null
        : readRollout(id, stored.fields, { onRejected, pause: () => setImmediate() });
    }),
    readHead: use((id) => {
      const text = rollouts.get(id)?.fields.rollout;
      return text === undefined ? null : accept(readRolloutHead(id, text), onRejected);
    }),
    save: use((lease, { head, hosts, isSettled }) => {
      if (lease !== null && (lease.shard !== shardOfText(head.id) || !isInForce(leases, lease)))
        return 'not_held';
      const stored = rollouts.get(head.id);
      if (stored?.head.version !== head.version - 1) return 'conflict';
      write(stored, head, hosts);
      stored.isOpen = !isSettled;
      return 'saved';
    }),
    list: use(({ limit, after = Number.POSITIVE_INFINITY }) => {
      const found = [...rollouts.values()].filter(({ sequence }) => sequence < Number(after)).reverse();
      const page = found.slice(0, limit);
      return {
        rollouts: page.flatMap(({ head, fields }) => {
          const read = accept(readRolloutHead(head.id, fields.rollout ?? ''), onRejected);
          return read === null ? [] : [read];
        }),
        next: found.length > limit ? `${page.at(-1)?.sequence}` : null,
      };
    }),
    readOpen: use(() => ({
      nowMs: Date.now(),
      versions: new Map(open().map(({ head: { id, version } }) => [id, version])),
    })),
    readVersion: use((id) => rollouts.get(id)?.head.version ?? null),
  };
}

function write(stored: StoredRollout, head: RolloutHead, hosts: readonly RolloutHost[]): void {
  stored.head = head;
  stored.fields.rollout = JSON.stringify(head);
  for (const host of hosts) stored.fields[hostField(host.host)] = JSON.stringify(host);
}

function removeExcess(rollouts: Map<RolloutId, StoredRollout>): void {
  const ended = [...rollouts].filter(([, { isOpen }]) => !isOpen);
  for (const [id] of ended.slice(0, Math.max(0, ended.length - MAX_ENDED_ROLLOUTS))) rollouts.delete(id);
}
