import type { RuleToSave } from '@booner/client';
import type { AlertFunction, AlertMetric, AlertRule, AlertSeverity, AlertStateKind } from '@booner/protocol';
import { readValue, type ShownUnit, shownUnit, shownValue } from './metric-units.ts';
import { DEFAULT_FUNCTION } from './rule-words.ts';

export type ThresholdDraft = { readonly on: string; readonly off: string };
type EscalationDraft = { readonly after: string; readonly channels: readonly string[] };

/** A rule as its form has it: texts as they were typed, thresholds in the unit that is shown. */
export type RuleDraft = {
  readonly name: string;
  readonly enabled: boolean;
  readonly selector: string;
  readonly watches: 'metric' | 'state';
  readonly metric: AlertMetric;
  readonly function: AlertFunction;
  readonly over: string;
  readonly state: AlertStateKind;
  readonly warn: ThresholdDraft;
  readonly crit: ThresholdDraft;
  readonly severity: AlertSeverity;
  readonly for: string;
  readonly keepFor: string;
  readonly noData: AlertRule['noData'];
  readonly channels: readonly string[];
  readonly repeat: string;
  readonly escalate: readonly EscalationDraft[];
  readonly groupBy: string;
  readonly dependsOn: string;
  readonly runbook: string;
};

const NO_THRESHOLD: ThresholdDraft = { on: '', off: '' };

export const NEW_RULE: RuleDraft = {
  name: '',
  enabled: true,
  selector: '*',
  watches: 'metric',
  metric: 'cpuUsageRatio',
  function: DEFAULT_FUNCTION,
  over: '5m',
  state: 'offline',
  warn: NO_THRESHOLD,
  crit: { on: '95', off: '90' },
  severity: 'crit',
  for: '5m',
  keepFor: '0s',
  noData: 'keep',
  channels: [],
  repeat: '',
  escalate: [],
  groupBy: '',
  dependsOn: '',
  runbook: '',
};

/** Returns the form's content for a rule. */
export function draftOf(rule: AlertRule): RuleDraft {
  const { when, warn, crit, severity = 'crit' } = rule;
  const metric = when.metric ?? NEW_RULE.metric;
  const of = when.function ?? DEFAULT_FUNCTION;
  const unit = shownUnit(metric, of);
  return {
    name: rule.name,
    enabled: rule.enabled,
    selector: rule.selector,
    watches: when.metric === undefined ? 'state' : 'metric',
    metric,
    function: of,
    over: when.over ?? '',
    state: when.state ?? NEW_RULE.state,
    warn: thresholdDraft(warn, unit),
    crit: thresholdDraft(crit, unit),
    severity,
    for: rule.for,
    keepFor: rule.keepFor,
    noData: rule.noData,
    channels: rule.channels,
    repeat: rule.repeat ?? '',
    escalate: rule.escalate,
    groupBy: rule.groupBy ?? '',
    dependsOn: rule.dependsOn ?? '',
    runbook: rule.runbook ?? '',
  };
}

function thresholdDraft(threshold: AlertRule['warn'], unit: ShownUnit): ThresholdDraft {
  if (threshold === undefined) return NO_THRESHOLD;
  const textOf = (limit: number | string) => (typeof limit === 'string' ? limit : shownValue(limit, unit));
  return { on: textOf(threshold.on), off: textOf(threshold.off) };
}

/**
 * Returns the body of `PUT /alert-rules/:name`, without what is empty. What cannot be read as a
 * number is sent as it is: the hub says what is wrong with it.
 */
export function bodyOf(draft: RuleDraft): RuleToSave {
  const { enabled, watches, metric, over, state, severity, keepFor, noData, channels, escalate } = draft;
  const isMetric = watches === 'metric';
  return {
    enabled,
    selector: draft.selector.trim(),
    when: isMetric ? { metric, function: draft.function, ...filled({ over }) } : { state },
    ...(isMetric && { ...thresholdOf('warn', draft), ...thresholdOf('crit', draft) }),
    ...(!isMetric && { severity }),
    ...filled({ for: draft.for, keepFor }),
    noData,
    channels: [...channels],
    ...filled({ repeat: draft.repeat }),
    escalate: escalate.map(({ after, channels }) => ({ after: after.trim(), channels: [...channels] })),
    ...filled({ groupBy: draft.groupBy, dependsOn: draft.dependsOn, runbook: draft.runbook }),
  };
}

function thresholdOf(severity: AlertSeverity, draft: RuleDraft) {
  const { on, off } = draft[severity];
  if (on.trim() === '' && off.trim() === '') return {};
  const unit = shownUnit(draft.metric, draft.function);
  const read = (text: string) =>
    draft.function === 'full_in' ? text.trim() : (readValue(text, unit) ?? text.trim());
  return { [severity]: { on: read(on), off: read(off) } };
}

const filled = (texts: Readonly<Record<string, string>>): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(texts)
      .map(([key, text]) => [key, text.trim()] as const)
      .filter(([, text]) => text !== ''),
  );

/** Returns a threshold that was moved, with the same distance between its start and its end. */
export function movedThreshold({ on, off }: ThresholdDraft, to: number, unit: ShownUnit): ThresholdDraft {
  const [onValue, offValue] = [readValue(on, unit), readValue(off, unit)];
  if (onValue === null || offValue === null) return { on: shownValue(to, unit), off };
  return { on: shownValue(to, unit), off: shownValue(offValue + to - onValue, unit) };
}

/** Fields of the form by their JSON pointers, the longest of those that begin alike first. */
export const RULE_FIELDS: readonly string[] = [
  'name',
  'enabled',
  'selector',
  'when/metric',
  'when/function',
  'when/over',
  'when/state',
  'warn/on',
  'warn/off',
  'crit/on',
  'crit/off',
  'warn',
  'crit',
  'severity',
  'for',
  'keepFor',
  'noData',
  'channels',
  'repeat',
  ...[0, 1, 2, 3].flatMap((index) => [`escalate/${index}/after`, `escalate/${index}/channels`]),
  'groupBy',
  'dependsOn',
  'runbook',
];
