import type { RolloutHead, RolloutHostStatus, RolloutStatus } from './rollout.ts';

/** Returns true if a host's part is over, unless it is retried. */
export const isHostDone = (status: RolloutHostStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'skipped';

/** Returns true if a rollout begins no further host, unless it is retried. */
export const isRolloutOver = (status: RolloutStatus): boolean =>
  status === 'completed' || status === 'failed' || status === 'cancelled';

/** Returns true if nothing of a rollout will change by itself. */
export const isRolloutSettled = ({ status, endedAtMs }: Pick<RolloutHead, 'status' | 'endedAtMs'>): boolean =>
  isRolloutOver(status) && endedAtMs !== null;
