import type { AlertMemory } from '@booner/protocol';
import type { Fleet } from '../../fleet/fleet.ts';
import { silentAfterMs } from '../../fleet/offline-time.ts';
import type { TargetEntry } from '../../fleet/target-entry.ts';
import type { AlertBoard } from '../board/alert-board.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { groupOf } from '../rules/group-of.ts';
import { ruleGroupOf } from './group-alerts.ts';

export type NextOpenDeps = {
  readonly board: Pick<AlertBoard, 'alerts' | 'get'>;
  readonly fleet: Pick<Fleet, 'get' | 'entries'>;
  readonly ruleOf: (name: string) => CompiledRule | null;
  /** Unix time. */
  readonly nowMs: () => number;
  /** The clock of {@link TargetEntry.lastReceivedAtMs}. */
  readonly monotonicMs: () => number;
};

/** A host that has missed a sample is likely to be offline soon. */
const OVERDUE_INTERVALS = 1.5;

/**
 * Returns a function that returns when the next alert of a group is expected to fire, in Unix
 * milliseconds; `null`: none is. Expected are those that are pending, and of rules on offline hosts
 * also hosts that have fallen silent: hosts that fail together are noticed one after the other,
 * and by several hubs.
 */
export function createNextOpen({ board, fleet, ruleOf, nowMs, monotonicMs }: NextOpenDeps) {
  const pendingDueMs = (rule: CompiledRule, isInGroup: (entry: TargetEntry | null) => boolean) => {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { alert } of board.alerts()) {
      if (alert.rule !== rule.name || alert.memory.episode !== null) continue;
      const dueMs = firesAtMs(alert.memory, rule.forMs);
      const entry = alert.host === null ? null : fleet.get(alert.host);
      if (dueMs < nextMs && isInGroup(entry)) nextMs = dueMs;
    }
    return nextMs;
  };
  /** When a host will be noticed as offline. */
  const noticedMs = ({ status, lastReceivedAtMs, figures, host }: TargetEntry, rule: string): number => {
    if (status === 'offline') {
      return board.get({ rule, host, device: null }) === null ? nowMs() : Number.POSITIVE_INFINITY;
    }
    if (status !== 'active' || lastReceivedAtMs === null || figures === null) return Number.POSITIVE_INFINITY;
    const silentMs = monotonicMs() - lastReceivedAtMs;
    if (silentMs < OVERDUE_INTERVALS * figures.intervalMs) return Number.POSITIVE_INFINITY;
    return nowMs() + Math.max(0, silentAfterMs(figures.intervalMs) - silentMs);
  };
  const silentDueMs = (rule: CompiledRule, isInGroup: (entry: TargetEntry | null) => boolean) => {
    let nextMs = Number.POSITIVE_INFINITY;
    for (const entry of fleet.entries()) {
      const dueMs = noticedMs(entry, rule.name) + rule.forMs;
      if (dueMs < nextMs && rule.selector.matches(entry.subject) && isInGroup(entry)) nextMs = dueMs;
    }
    return nextMs;
  };

  return (group: string): number | null => {
    const of = ruleGroupOf(group);
    const rule = of === null ? null : ruleOf(of.rule);
    if (of === null || rule === null) return null;
    const isInGroup = (entry: TargetEntry | null) =>
      (entry === null ? null : groupOf(rule.groupBy, entry.subject)) === of.value;
    const isOnOffline = rule.condition.type === 'state' && rule.condition.kind === 'offline';
    const nextMs = Math.min(
      pendingDueMs(rule, isInGroup),
      isOnOffline ? silentDueMs(rule, isInGroup) : Number.POSITIVE_INFINITY,
    );
    return Number.isFinite(nextMs) ? nextMs : null;
  };
}

function firesAtMs({ warn, crit }: AlertMemory, forMs: number): number {
  const dueMs = [warn, crit].map((condition) =>
    condition?.isMet && !condition.isRaised && condition.sinceMs !== null
      ? condition.sinceMs + forMs
      : Number.POSITIVE_INFINITY,
  );
  return Math.min(...dueMs);
}
