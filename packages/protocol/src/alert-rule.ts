import { z } from 'zod';
import { alertConditionSchema, isFleetState } from './alert-condition.ts';
import { alertMetricUnit } from './alert-metrics.ts';
import { alertSeveritySchema } from './alert-state.ts';
import { parseDuration } from './duration.ts';
import { durationSchema } from './duration-schema.ts';
import { findLabelKeyIssue } from './labels.ts';
import {
  MAX_ALERT_CHANNELS,
  MAX_ALERT_DURATION,
  MAX_ALERT_ESCALATIONS,
  MAX_URL_CHARACTERS,
} from './limits.ts';
import { viewSelectorTextSchema } from './selector-schema.ts';

/** Name of a rule, such as `disk-full`, or of a channel, such as `ops`. */
export const alertNameSchema = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9._-]{0,62}[a-z0-9])?$/, 'must be 1 to 64 of a-z, 0-9, ".", "_" and "-"');

const limitSchema = z.union([z.number(), durationSchema({ max: MAX_ALERT_DURATION })], {
  error: 'must be a number, such as 0.9, or for full_in a duration, such as "24h"',
});

/**
 * A threshold with hysteresis. With `off` below `on`, high values are bad: the alert is on from
 * `on` up, until the value is at `off` or below. With `off` above `on`, low values are bad.
 */
const alertThresholdSchema = z.strictObject({ on: limitSchema, off: limitSchema });
export type AlertThreshold = z.infer<typeof alertThresholdSchema>;

const waitSchema = durationSchema({ max: MAX_ALERT_DURATION });
const channelsSchema = z.array(alertNameSchema).max(MAX_ALERT_CHANNELS);

const fields = {
  /** False: it is not evaluated, and its alerts are closed. */
  enabled: z.boolean().default(true),
  /** Targets that it watches. An empty one selects nothing. */
  selector: viewSelectorTextSchema,
  when: alertConditionSchema,
  /** Thresholds of a metric, at least one. In its unit, in it per second for `rate`. */
  warn: alertThresholdSchema.optional(),
  crit: alertThresholdSchema.optional(),
  /** Severity of a state; default `crit`. */
  severity: alertSeveritySchema.optional(),
  /** The condition must hold this long before the alert fires. */
  for: waitSchema.default('0s'),
  /** The condition must not hold for this long before the alert resolves. */
  keepFor: waitSchema.default('0s'),
  /** What missing data means: nothing new, the worst severity, or that all is well. */
  noData: z.enum(['keep', 'alert', 'ok']).default('keep'),
  channels: channelsSchema.default([]),
  /** Reminds while it fires and nobody acknowledges it. Absent: never. */
  repeat: durationSchema({ min: '1m', max: MAX_ALERT_DURATION }).optional(),
  /** Further channels, after this long without an acknowledgement. */
  escalate: z
    .array(
      z.strictObject({
        after: durationSchema({ min: '1m', max: MAX_ALERT_DURATION }),
        channels: channelsSchema.min(1),
      }),
    )
    .max(MAX_ALERT_ESCALATIONS)
    .default([]),
  /** Key of a label: alerts of targets with the same value share notifications. */
  groupBy: z
    .string()
    .superRefine((key, context) => {
      const message = findLabelKeyIssue(key);
      if (message !== null) context.addIssue({ code: 'custom', message });
    })
    .optional(),
  /** Parents: while all of them (with the same `groupBy` label) are offline, this rule is muted. */
  dependsOn: viewSelectorTextSchema.optional(),
  /** Page that says what to do. */
  runbook: z
    .url({ protocol: /^https?$/, error: 'must be a URL, such as https://wiki.example.org/disk-full' })
    .max(MAX_URL_CHARACTERS)
    .optional(),
};

/** An alert rule: which targets, which condition, and who is notified when. */
export const alertRuleSchema = z
  .strictObject({ name: alertNameSchema, ...fields })
  .superRefine(checkThresholds);

/** Body of `PUT /alert-rules/:name`, where the path has the name. */
export const alertRuleBodySchema = z
  .strictObject({ name: alertNameSchema.optional(), ...fields })
  .superRefine(checkThresholds);

export type AlertRule = z.infer<typeof alertRuleSchema>;
/** A rule as people write it, without what has a default. */
export type AlertRuleInput = z.input<typeof alertRuleSchema>;

type Checked = Pick<AlertRule, 'selector' | 'when' | 'warn' | 'crit' | 'severity'>;

/** Reports thresholds that do not fit to the condition, or to each other. */
function checkThresholds(rule: Checked, context: z.core.$RefinementCtx): void {
  const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
  const given = (['warn', 'crit'] as const).filter((severity) => rule[severity] !== undefined);
  const { state } = rule.when;
  if (state !== undefined && isFleetState(state) && !['', '*'].includes(rule.selector)) {
    report(['selector'], `must be "*" for ${state}: rollouts and schedules are no targets`);
  }
  if (rule.when.metric === undefined) {
    for (const key of given) report([key], 'must be absent for a state: write "severity" instead');
    return;
  }
  if (given.length === 0) {
    report(['crit'], 'is missing: a metric needs warn or crit, such as {"on":0.95,"off":0.9}');
  }
  if (rule.severity !== undefined && !given.includes(rule.severity)) {
    report(['severity'], `must be absent, or that of a threshold: remove it, or add ${rule.severity}`);
  }
  let isSound = true;
  for (const severity of given) {
    for (const side of ['on', 'off'] as const) {
      const message = findLimitIssue(rule, rule[severity]![side]);
      if (message === null) continue;
      report([severity, side], message);
      isSound = false;
    }
    if (isSound && thresholdNumber(rule[severity]!.on) === thresholdNumber(rule[severity]!.off)) {
      report([severity, 'off'], 'must differ from on: below it if high values are bad, else above it');
      isSound = false;
    }
  }
  if (isSound && given.length === 2 && !isWorse(rule.crit!, rule.warn!)) {
    report(['crit', 'on'], 'must be worse than warn, in the same direction: exchange warn and crit');
  }
}

function findLimitIssue({ when }: Checked, limit: number | string): string | null {
  if (when.function === 'full_in') {
    return typeof limit === 'string' ? null : 'must be a duration, such as "24h"';
  }
  if (typeof limit === 'string') return 'must be a number, such as 0.9: only full_in has durations';
  if (when.function === 'rate' || alertMetricUnit(when.metric!) !== 'ratio') return null;
  return limit >= 0 && limit <= 1 ? null : 'must be a ratio from 0 to 1, such as 0.8 for 80 %';
}

/** Returns a limit as a number: durations in seconds. */
export const thresholdNumber = (limit: number | string): number =>
  typeof limit === 'number' ? limit : parseDuration(limit)! / 1000;

function isWorse(crit: AlertThreshold, warn: AlertThreshold): boolean {
  const [critOn, critOff, warnOn, warnOff] = [crit.on, crit.off, warn.on, warn.off].map(thresholdNumber);
  return critOn! > critOff! === warnOn! > warnOff! && critOn! > warnOn! === critOn! > critOff!;
}
