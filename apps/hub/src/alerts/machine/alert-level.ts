import type { AlertMemory, AlertSeverity } from '@booner/protocol';
import type { CompiledRule, Threshold } from '../rules/compile-rule.ts';

export type AlertLevel = AlertMemory['level'];

/**
 * Returns the level of a reading. Between the `on` and `off` of a threshold, the level stays: that
 * is hysteresis, as in Netdata's `warn: $this > (($status >= $WARNING) ? (75) : (85))`.
 */
export function levelOf({ warn, crit }: CompiledRule, reading: number, before: AlertLevel): AlertLevel {
  if (crit !== null && isOver(crit, reading, before === 'crit')) return 'crit';
  return warn !== null && isOver(warn, reading, before !== 'ok') ? 'warn' : 'ok';
}

function isOver({ on, off }: Threshold, reading: number, wasOver: boolean): boolean {
  if (on > off) return wasOver ? reading > off : reading >= on;
  return wasOver ? reading < off : reading <= on;
}

/** Returns true if `a` is worse than `b`; `null` is well. */
export const isWorse = (a: AlertSeverity | null, b: AlertSeverity | null): boolean => rank(a) > rank(b);

const rank = (severity: AlertSeverity | null): number => {
  if (severity === null) return 0;
  return severity === 'warn' ? 1 : 2;
};
