import type { AlertRule, AlertThreshold } from '@booner/protocol';
import { valueText } from './series-texts.ts';

/** Formats what a rule watches: `avg of cpuUsageRatio over 5m`, or a state such as `offline`. */
export function conditionText({ when }: Pick<AlertRule, 'when'>): string {
  if (when.metric === undefined) return when.state ?? '';
  const over = when.over === undefined ? '' : ` over ${when.over}`;
  return `${when.function ?? 'avg'} of ${when.metric}${over}`;
}

/** Formats when a rule fires: `warn over 90.0 %, crit over 97.0 %`; for a state, its severity. */
export function limitsText({ when, warn, crit, severity }: AlertRule): string {
  if (when.metric === undefined) return severity ?? 'crit';
  return [warn && `warn ${thresholdText(when, warn)}`, crit && `crit ${thresholdText(when, crit)}`]
    .filter((part) => part !== undefined)
    .join(', ');
}

function thresholdText({ metric, function: used }: AlertRule['when'], { on, off }: AlertThreshold): string {
  // Durations are those of full_in, where little time left is bad.
  if (typeof on !== 'number' || typeof off !== 'number') return `under ${on}`;
  const value = metric === undefined ? String(on) : valueText(metric, on);
  return `${on > off ? 'over' : 'under'} ${value}${used === 'rate' ? '/s' : ''}`;
}
