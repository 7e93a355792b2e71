import type { AlertFunction, AlertRule, AlertStateKind, AlertThreshold } from '@booner/protocol';
import { metricName, shownUnit, shownValue } from './metric-units.ts';

export const STATE_NAMES: Readonly<Record<AlertStateKind, string>> = {
  offline: 'Host is offline',
  task_failed: 'A task failed',
  task_slow: 'A task is slow',
  clock_skew: 'Clock is wrong',
  agent_outdated: 'Agent is outdated',
  host_conflict: 'Several agents report as one host',
  quarantined: 'Host is quarantined',
  heartbeat_missed: 'A heartbeat is missed',
  rollout_failed: 'A rollout failed',
  rollout_approval: 'A rollout waits for approval',
  rollout_paused: 'A rollout is paused',
  schedule_missed: 'A schedule did not start',
  schedule_slow: 'A schedule took too long',
};

export const FUNCTION_NAMES: Readonly<Record<AlertFunction, string>> = {
  avg: 'average',
  min: 'minimum',
  max: 'maximum',
  last: 'last value',
  rate: 'change per second',
  full_in: 'time until full',
};

/** The function of a rule that names none. */
export const DEFAULT_FUNCTION: AlertFunction = 'avg';

/** Says in one line what a rule watches: "CPU usage, average over 5m: warns from 80 %". */
export function ruleText(rule: Pick<AlertRule, 'when' | 'warn' | 'crit' | 'for' | 'severity'>): string {
  const { when, warn, crit, for: wait } = rule;
  const held = wait === '0s' ? '' : `, for ${wait}`;
  if (when.metric === undefined) {
    const severity = rule.severity === 'warn' ? 'warning' : 'critical';
    return `${STATE_NAMES[when.state ?? 'offline']}: ${severity}${held}`;
  }
  const of = when.function ?? DEFAULT_FUNCTION;
  const over = when.over === undefined ? '' : ` over ${when.over}`;
  const unit = shownUnit(when.metric, of);
  const limits = [
    warn === undefined ? null : `warning ${limitText(warn, unit)}`,
    crit === undefined ? null : `critical ${limitText(crit, unit)}`,
  ].filter((text) => text !== null);
  return `${metricName(when.metric)}, ${FUNCTION_NAMES[of]}${over}: ${limits.join(', ')}${held}`;
}

/** High values are bad if the alert ends at a lower one. */
function limitText({ on, off }: AlertThreshold, unit: ReturnType<typeof shownUnit>): string {
  if (typeof on === 'string') return `within ${on}`;
  const text = `${shownValue(on, unit)}${unit.sign === '' ? '' : ` ${unit.sign}`}`;
  return typeof off === 'number' && off > on ? `at ${text} or less` : `at ${text} or more`;
}
