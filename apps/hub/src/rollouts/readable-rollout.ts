import type { Rollout, RolloutHead } from '@booner/protocol';
import type { Readable } from '../ws/readable.ts';

/**
 * Returns a rollout as a client may see it: with the hosts that it may read, and their counts.
 * `null`: it may read none of them.
 */
export function readableRollout(rollout: Rollout, readable: Readable): Rollout | null {
  if (readable.key === null) return rollout;
  const hosts = rollout.hosts.filter(({ host }) => readable.has(host));
  if (hosts.length === 0) return null;
  const counts: RolloutHead['counts'] = {};
  for (const { status } of hosts) counts[status] = (counts[status] ?? 0) + 1;
  return { ...rollout, hosts, counts };
}
