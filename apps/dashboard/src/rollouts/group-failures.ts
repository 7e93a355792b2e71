import type { RolloutHost, RolloutHostStatus } from '@booner/protocol';

export type FailureGroup = {
  /** The error, in which hosts that are named by their own error are `<host>`. */
  readonly error: string;
  /** In the order of the rollout. */
  readonly hosts: readonly RolloutHost[];
};

const NO_ERROR = 'No reason was given.';

/** Groups hosts of a status by their error, the most frequent one first. */
export function groupFailures(
  hosts: readonly RolloutHost[],
  status: RolloutHostStatus = 'failed',
): readonly FailureGroup[] {
  const found = hosts.filter((host) => host.status === status);
  return [...Map.groupBy(found, errorOf)]
    .map(([error, ofError]) => ({ error, hosts: ofError }))
    .sort((a, b) => b.hosts.length - a.hosts.length);
}

const errorOf = ({ error, host }: RolloutHost): string =>
  error === null || error.trim() === '' ? NO_ERROR : error.trim().replaceAll(nameIn(host), '<host>');

/** The host where it stands alone: 10.0.0.1 is not part of 10.0.0.12. */
const nameIn = (host: string): RegExp =>
  new RegExp(`(?<![\\w.-])${host.replaceAll(/[^\w-]/g, '\\$&')}(?![\\w-]|\\.\\w)`, 'gi');

/**
 * Returns the task that says most about a host: the check, if that failed or runs, or else the task
 * of the action. `null`: it has none.
 */
export const taskOf = ({ status, taskId, checkId }: RolloutHost): string | null =>
  status === 'failed' || status === 'checking' ? (checkId ?? taskId) : taskId;
