import { type HostId, parseAccessSelector, type RolloutRequest } from '@booner/protocol';
import type { Fleet } from '../../fleet/fleet.ts';
import type { Readable } from '../../ws/readable.ts';
import { orderHosts } from './order-hosts.ts';

/**
 * Returns the targets of a rollout in its order: those that its selector matches and the caller may
 * read. The empty selector selects none.
 */
export function selectHosts(
  fleet: Pick<Fleet, 'entries'>,
  { selector, order }: Pick<RolloutRequest, 'selector' | 'order'>,
  readable: Readable,
): readonly HostId[] {
  const parsed = parseAccessSelector(selector);
  if (!parsed.ok) return [];
  const subjects = fleet
    .entries()
    .map(({ subject }) => subject)
    .filter((subject) => parsed.value.matches(subject) && readable.has(subject.host));
  return orderHosts(subjects, order).map(({ host }) => host);
}
