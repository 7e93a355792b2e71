import type { SystemStatus, TargetStatus } from '@booner/protocol';
import type { Received } from '@booner/testkit';

type Messages = readonly Received<SystemStatus>[];

/** The status of a target in one message; `undefined` when it is not among the targets. */
export const statusIn = (status: SystemStatus | undefined, host: string): TargetStatus | undefined =>
  status?.deployment_targets.find((target) => target.host === host)?.status;

/**
 * The statuses that a client was shown of a target, without repetitions: `['active', 'offline',
 * 'active']`. Without `pending` at the beginning: a hub may find the inventory of a host before the
 * first sample.
 */
export function statusesOf(received: Messages, host: string): TargetStatus[] {
  const statuses: TargetStatus[] = [];
  for (const { message } of received) {
    const status = statusIn(message, host);
    if (status === undefined || status === (statuses.at(-1) ?? 'pending')) continue;
    statuses.push(status);
  }
  return statuses;
}

/** Returns true if all of these targets are active in a message. */
export const allActive = (status: SystemStatus | undefined, hosts: readonly string[]): boolean =>
  hosts.every((host) => statusIn(status, host) === 'active');
