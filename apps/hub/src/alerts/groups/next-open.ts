import type { AlertMemory, HostId } from '@booner/protocol';
import type { AlertBoard } from '../board/alert-board.ts';
import type { CompiledRule } from '../rules/compile-rule.ts';
import { ruleGroupOf } from './group-alerts.ts';

export type NextOpenDeps = {
  readonly board: Pick<AlertBoard, 'alerts'>;
  readonly ruleOf: (name: string) => CompiledRule | null;
  /** Value of a target's label; `null`: it has none, or the target is unknown. */
  readonly labelOf: (host: HostId, key: string) => string | null;
};

/**
 * Returns a function that returns when the next pending alert of a group would fire, in Unix
 * milliseconds; `null`: none is pending.
 */
export const createNextOpen =
  ({ board, ruleOf, labelOf }: NextOpenDeps) =>
  (group: string): number | null => {
    const of = ruleGroupOf(group);
    const rule = of === null ? null : ruleOf(of.rule);
    if (of === null || rule === null) return null;
    let nextMs = Number.POSITIVE_INFINITY;
    for (const { alert } of board.alerts()) {
      if (alert.rule !== of.rule || alert.memory.episode !== null) continue;
      const dueMs = firesAtMs(alert.memory, rule.forMs);
      if (dueMs >= nextMs) continue;
      const value = rule.groupBy === null ? null : labelOf(alert.host, rule.groupBy);
      if (value === of.value) nextMs = dueMs;
    }
    return Number.isFinite(nextMs) ? nextMs : null;
  };

function firesAtMs({ warn, crit }: AlertMemory, forMs: number): number {
  const dueMs = [warn, crit].map((condition) =>
    condition?.isMet && !condition.isRaised && condition.sinceMs !== null
      ? condition.sinceMs + forMs
      : Number.POSITIVE_INFINITY,
  );
  return Math.min(...dueMs);
}
