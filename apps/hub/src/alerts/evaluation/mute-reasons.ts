import type { MuteReason, ViewSubject } from '@booner/protocol';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { groupOf } from '../rules/group-of.ts';
import { STATE_KINDS } from '../states/state-kinds.ts';

/** Facts, apart from the rule, that decide whether alerts of a host are muted. */
export type MuteFacts = {
  readonly isHubBlind: boolean;
  readonly isHostOffline: boolean;
  /** A silence of this rule and host is in force. */
  readonly isSilenced: boolean;
  /** Quiet hours of this rule and host are in force. */
  readonly isQuiet: boolean;
  /** Hosts that the rule depends on, in the group of this host: {@link indexParents}. */
  readonly parents: readonly Parent[];
};

type Parent = {
  readonly isOffline: boolean;
  /** Time since the hub received it again, or first. */
  readonly onlineForMs: number;
};

/** Children come back after their parent: until then, they are not worth a message. */
const PARENT_GRACE_MS = 60_000;

const isMuting = ({ isOffline, onlineForMs }: Parent): boolean => isOffline || onlineForMs < PARENT_GRACE_MS;

/**
 * Returns every reason why a rule must not notify anybody of a host now. Alertmanager calls them
 * inhibitions, silences and mute time intervals.
 */
export function muteReasons({ condition }: CompiledRule, facts: MuteFacts): readonly MuteReason[] {
  const reasons: MuteReason[] = [];
  const isKnownOffline = condition.type === 'state' && STATE_KINDS[condition.kind].isKnownOffline;
  if (facts.isHubBlind) reasons.push('hub_blind');
  if (facts.isHostOffline && !isKnownOffline) reasons.push('host_offline');
  // Every parent must be offline. `every` of none is true, so none must be ruled out.
  if (facts.parents.length > 0 && facts.parents.every(isMuting)) {
    reasons.push('parent_offline');
  }
  if (facts.isSilenced) reasons.push('silence');
  if (facts.isQuiet) reasons.push('quiet_hours');
  return reasons;
}

/**
 * Returns a function that looks up the hosts that a rule depends on for one host: those that
 * `dependsOn` selects and that have the same value of `groupBy`, like `equal` of Alertmanager's
 * inhibitions. A parent does not depend on others, nor on itself.
 */
export function indexParents<Host extends ViewSubject>(
  { dependsOn, groupBy }: Pick<CompiledRule, 'dependsOn' | 'groupBy'>,
  fleet: readonly Host[],
): (child: Host) => readonly Host[] {
  if (dependsOn === null) return () => [];
  const byGroup = Map.groupBy(fleet.filter(dependsOn.matches), (host) => groupOf(groupBy, host));
  return (child) => (dependsOn.matches(child) ? [] : (byGroup.get(groupOf(groupBy, child)) ?? []));
}
