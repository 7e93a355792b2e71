import {
  type AlertFunction,
  type AlertMetric,
  type AlertRule,
  type AlertSeverity,
  type AlertStateKind,
  type AlertThreshold,
  parseDuration,
  parseViewSelector,
  thresholdNumber,
  type ViewSelector,
} from '@booner/protocol';

/** Condition of a rule. */
type Condition =
  | {
      readonly type: 'metric';
      readonly metric: AlertMetric;
      readonly function: AlertFunction;
      readonly overMs: number;
    }
  | { readonly type: 'state'; readonly kind: AlertStateKind };

/** `off` below `on`: high readings are bad. `off` above `on`: low ones are. */
export type Threshold = { readonly on: number; readonly off: number };

/** A rule in the form in which it is evaluated: selectors compiled, durations in milliseconds. */
export type CompiledRule = {
  readonly name: string;
  readonly selector: ViewSelector;
  readonly condition: Condition;
  /** At least one. Readings of a state are 1 while it holds, else 0. `full_in` is in seconds. */
  readonly warn: Threshold | null;
  readonly crit: Threshold | null;
  readonly forMs: number;
  readonly keepForMs: number;
  readonly noData: AlertRule['noData'];
  readonly channels: readonly string[];
  /** `null`: no reminders. */
  readonly repeatMs: number | null;
  /** In the order of time. */
  readonly escalate: readonly { readonly afterMs: number; readonly channels: readonly string[] }[];
  /** Key of the label whose value puts alerts into a group; `null`: one group for the rule. */
  readonly groupBy: string | null;
  readonly dependsOn: ViewSelector | null;
  readonly runbook: string | null;
};

const DEFAULT_OVER_MS = 5 * 60_000;
const FULL_IN_OVER_MS = 6 * 3_600_000;
/** While a state holds, its reading is 1. */
const STATE_THRESHOLD: Threshold = { on: 1, off: 0 };

/** Compiles a rule that its schema has parsed. @throws if a selector or duration is invalid */
export function compileRule(rule: AlertRule): CompiledRule {
  const condition = compileCondition(rule);
  const thresholdOf = (severity: AlertSeverity) =>
    condition.type === 'metric'
      ? compileThreshold(rule[severity])
      : (rule.severity ?? 'crit') === severity
        ? STATE_THRESHOLD
        : null;
  return {
    name: rule.name,
    selector: compileSelector(rule.selector),
    condition,
    warn: thresholdOf('warn'),
    crit: thresholdOf('crit'),
    forMs: milliseconds(rule.for),
    keepForMs: milliseconds(rule.keepFor),
    noData: rule.noData,
    channels: rule.channels,
    repeatMs: rule.repeat === undefined ? null : milliseconds(rule.repeat),
    escalate: rule.escalate
      .map(({ after, channels }) => ({ afterMs: milliseconds(after), channels }))
      .sort((a, b) => a.afterMs - b.afterMs),
    groupBy: rule.groupBy ?? null,
    dependsOn: rule.dependsOn === undefined ? null : compileSelector(rule.dependsOn),
    runbook: rule.runbook ?? null,
  };
}

function compileCondition({ when }: AlertRule): Condition {
  if (when.state !== undefined) return { type: 'state', kind: when.state };
  const alertFunction = when.function ?? 'avg';
  const defaultMs = alertFunction === 'full_in' ? FULL_IN_OVER_MS : DEFAULT_OVER_MS;
  const overMs = when.over === undefined ? defaultMs : milliseconds(when.over);
  return { type: 'metric', metric: when.metric!, function: alertFunction, overMs };
}

const compileThreshold = (threshold: AlertThreshold | undefined): Threshold | null =>
  threshold === undefined ? null : { on: thresholdNumber(threshold.on), off: thresholdNumber(threshold.off) };

function compileSelector(text: string): ViewSelector {
  const parsed = parseViewSelector(text);
  if (!parsed.ok) throw new TypeError(`invalid selector ${JSON.stringify(text)}: ${parsed.issue.detail}`);
  return parsed.value;
}

function milliseconds(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs === null) throw new TypeError(`invalid duration ${JSON.stringify(text)}`);
  return durationMs;
}
