import type { HostId, Rollout, RolloutHead, RolloutHost, TaskId, TaskStatus } from '@booner/protocol';

/** What a host says to its turn. */
export type HostReadiness =
  /** `definition`: hash of the action as the host offers it. */
  | { readonly type: 'ready'; readonly definition: string }
  | { readonly type: 'offline' }
  | { readonly type: 'removed' }
  | { readonly type: 'not_offered' }
  /** The rollout is of a schedule or hook, and the action may not be. */
  | { readonly type: 'not_schedulable' }
  /** The creator of the rollout may not run the action there (any more). */
  | { readonly type: 'not_allowed'; readonly reason: string };

/** What the hub sees of the world at one instant. */
export type RolloutView = {
  /** Unix milliseconds by the bus' clock. */
  readonly nowMs: number;
  /** `null`: the bus has no such task. */
  taskOf(id: TaskId): { readonly status: TaskStatus; readonly error: string | null } | null;
  /** `null`: not known yet. */
  readinessOf(host: HostId): HostReadiness | null;
  /** Number of these hosts with an alert that fires. */
  countFiring(hosts: readonly HostId[]): number;
  /** Returns a new id for a task of a host. */
  newTaskId(host: HostId): TaskId;
};

/** What has to be done once the next version is stored. Repeating one has no effect. */
export type RolloutCommand =
  | {
      readonly type: 'create';
      readonly host: HostId;
      readonly taskId: TaskId;
      readonly of: 'action' | 'check';
    }
  | { readonly type: 'cancel'; readonly taskId: TaskId };

/** The next state of a rollout. `rollout` is the same object if nothing changed. */
export type RolloutStep = {
  readonly rollout: Rollout;
  /** The hosts that changed. */
  readonly hosts: readonly RolloutHost[];
  readonly commands: readonly RolloutCommand[];
};

/** A rollout while a step changes it. */
export type Draft = {
  readonly before: Rollout;
  head: RolloutHead;
  readonly hosts: RolloutHost[];
  /** Indexes of the hosts that changed. */
  readonly changed: Set<number>;
  readonly commands: RolloutCommand[];
};

export function draftOf(before: Rollout): Draft {
  const { hosts, ...head } = before;
  return { before, head, hosts: [...hosts], changed: new Set(), commands: [] };
}

export function change(draft: Draft, changes: Partial<RolloutHead>): void {
  draft.head = { ...draft.head, ...changes };
}

export function changeHost(draft: Draft, index: number, changes: Partial<RolloutHost>): void {
  draft.hosts[index] = { ...(draft.hosts[index] as RolloutHost), ...changes };
  draft.changed.add(index);
}

/** Returns the hosts of the present batch, as they are now. */
export const presentBatch = ({ head: { batch }, hosts }: Draft): readonly RolloutHost[] =>
  hosts.filter((host) => host.batch === batch);

/** Returns the hosts that count against the failures that are allowed. */
export const failedHosts = (hosts: readonly RolloutHost[]): readonly RolloutHost[] =>
  hosts.filter(({ status }) => status === 'failed' || status === 'cancelled');

/** Completes a step: new counts, and the next version if anything changed. */
export function stepOf({ before, head, hosts, changed, commands }: Draft): RolloutStep {
  const isSame = Object.entries(head).every(([name, value]) => before[name as keyof RolloutHead] === value);
  if (isSame && changed.size === 0) return { rollout: before, hosts: [], commands };
  const counts: RolloutHead['counts'] = {};
  for (const { status } of hosts) counts[status] = (counts[status] ?? 0) + 1;
  return {
    rollout: { ...head, counts, version: before.version + 1, hosts },
    hosts: [...changed].map((index) => hosts[index] as RolloutHost),
    commands,
  };
}
