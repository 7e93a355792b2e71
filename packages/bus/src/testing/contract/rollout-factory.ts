import {
  type HostId,
  parseHostId,
  parseRolloutId,
  type Rollout,
  type RolloutHost,
  type RolloutId,
  rolloutRequestSchema,
} from '@booner/protocol';
import { newTaskId } from '@booner/protocol/task-id';

export const newRolloutId = (): RolloutId => parseRolloutId(newTaskId()) as RolloutId;

/** Returns a host of a rollout whose turn has not come. */
export const makeRolloutHost = (index = 0, changes: Partial<RolloutHost> = {}): RolloutHost => ({
  host: parseHostId(`10.0.1.${index}`) as HostId,
  index,
  batch: 0,
  status: 'waiting',
  taskId: null,
  checkId: null,
  error: null,
  definition: null,
  offlineSinceMs: null,
  ...changes,
});

/** Returns a new rollout of one batch. */
export function makeRollout({
  hosts = 2,
  ...changes
}: Partial<Omit<Rollout, 'hosts'>> & { hosts?: number } = {}): Rollout {
  return {
    id: newRolloutId(),
    version: 1,
    status: 'pending',
    request: rolloutRequestSchema.parse({ action: 'web.deploy', selector: '*' }),
    createdBy: null,
    credentialId: null,
    approver: null,
    schedule: null,
    hook: null,
    rollbackOf: null,
    traceparent: null,
    createdAtMs: 1_000,
    startedAtMs: null,
    endedAtMs: null,
    batches: 1,
    batch: 0,
    gate: null,
    reason: null,
    pausedFrom: null,
    cancelsRunning: false,
    counts: { waiting: hosts },
    ...changes,
    hosts: Array.from({ length: hosts }, (_, index) => makeRolloutHost(index)),
  };
}
