import { createHash } from 'node:crypto';
import type { AccessSubject } from '@booner/protocol';
import { compareHosts } from '@booner/protocol/compare-hosts';

const LABEL_PREFIX = 'label:';

/**
 * Sorts the hosts of a rollout.
 * @param order `hash`: spread over the fleet, the same each time; `host`; or `label:<key>`, by the
 *   label that operators set, hosts without it last
 */
export function orderHosts<Subject extends AccessSubject>(
  subjects: readonly Subject[],
  order: string,
): readonly Subject[] {
  const byHost = subjects.toSorted((a, b) => compareHosts(a.host, b.host));
  if (order === 'host') return byHost;
  if (order.startsWith(LABEL_PREFIX)) {
    const key = order.slice(LABEL_PREFIX.length);
    const value = ({ operatorLabels }: Subject) => operatorLabels[key];
    return byHost.toSorted((a, b) => compareValues(value(a), value(b)));
  }
  const hashes = new Map(byHost.map(({ host }) => [host, createHash('sha256').update(host).digest('hex')]));
  return byHost.toSorted((a, b) => compareValues(hashes.get(a.host), hashes.get(b.host)));
}

function compareValues(a: string | undefined, b: string | undefined): number {
  if (a === b) return 0;
  if (a === undefined) return 1;
  if (b === undefined) return -1;
  return a < b ? -1 : 1;
}
