import { type Hook, type RolloutHead, rolloutRequestSchema, type Schedule } from '@booner/protocol';

/** What a schedule or a hook starts. */
export type Trigger = Pick<
  Schedule & Hook,
  'params' | 'action' | 'order' | 'batches' | 'maxFailures' | 'between' | 'offline' | 'offlineWaitSeconds'
> &
  Pick<Schedule | Hook, 'selector' | 'host'>;

/** Returns the rollout that a schedule or a hook starts. */
export const requestOf = ({ host, selector, ...trigger }: Trigger): RolloutHead['request'] => {
  const { action, params, order, batches, maxFailures, between, offline, offlineWaitSeconds } = trigger;
  const target = host === undefined ? (selector ?? '') : `host=${host}`;
  const gates = { order, batches, maxFailures, between, offline, offlineWaitSeconds };
  return rolloutRequestSchema.parse({ action, params, selector: target, ...gates });
};
