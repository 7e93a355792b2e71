import { batchSizes, type HostId, type Rollout, type RolloutId, type RolloutRequest } from '@booner/protocol';

export type NewRollout = {
  readonly id: RolloutId;
  readonly request: RolloutRequest;
  /** In their order, each with the hash of its action; `null`: it has no runner now. */
  readonly hosts: readonly { readonly host: HostId; readonly definition: string | null }[];
  readonly createdBy: string | null;
  readonly credentialId: string | null;
  /** See `RolloutHead`. */
  readonly approver?: Rollout['approver'];
  readonly schedule?: string | null;
  readonly hook?: string | null;
  readonly rollbackOf?: RolloutId | null;
  readonly traceparent?: string | null;
  readonly nowMs: number;
};

/** Returns the first version of a rollout: nothing has begun. */
export function newRollout({
  id,
  request,
  hosts,
  createdBy,
  credentialId,
  approver = null,
  schedule = null,
  hook = null,
  rollbackOf = null,
  traceparent = null,
  nowMs,
}: NewRollout): Rollout {
  const batchOf = batchSizes(request.batches, hosts.length).flatMap((size, batch) =>
    Array.from({ length: size }, () => batch),
  );
  return {
    id,
    version: 1,
    status: 'pending',
    request,
    createdBy,
    credentialId,
    approver,
    schedule,
    hook,
    rollbackOf,
    traceparent,
    createdAtMs: nowMs,
    startedAtMs: null,
    endedAtMs: null,
    batches: (batchOf.at(-1) ?? -1) + 1,
    batch: 0,
    gate: null,
    reason: null,
    pausedFrom: null,
    cancelsRunning: false,
    counts: hosts.length === 0 ? {} : { waiting: hosts.length },
    hosts: hosts.map(({ host, definition }, index) => ({
      ...{ host, index, batch: batchOf[index] as number, status: 'waiting', definition },
      ...{ taskId: null, checkId: null, error: null, offlineSinceMs: null },
    })),
  };
}
