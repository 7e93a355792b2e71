import { z } from 'zod';
import { ALERT_METRIC_NAMES, valueWhenFull } from './alert-metrics.ts';
import { durationSchema } from './duration-schema.ts';
import { MAX_ALERT_WINDOW } from './limits.ts';

/**
 * What a rule can do with the samples of its window. `rate` is the change per second of the value,
 * `full_in` the time until the resource is used up if it goes on as during the window.
 */
const alertFunctionSchema = z.enum(['avg', 'min', 'max', 'last', 'rate', 'full_in']);
export type AlertFunction = z.infer<typeof alertFunctionSchema>;

/** States of rollouts and schedules, which no host has. */
export const FLEET_STATES = [
  'rollout_failed',
  'rollout_approval',
  'rollout_paused',
  'schedule_missed',
  'schedule_slow',
] as const;
export type FleetState = (typeof FLEET_STATES)[number];

/** States that a rule can watch instead of a metric. */
const alertStateKindSchema = z.enum([
  'offline',
  'task_failed',
  'task_slow',
  'clock_skew',
  'agent_outdated',
  'host_conflict',
  'quarantined',
  'heartbeat_missed',
  ...FLEET_STATES,
]);
export type AlertStateKind = z.infer<typeof alertStateKindSchema>;

/** Returns true if rollouts or schedules have the state, rather than a host. */
export const isFleetState = (state: AlertStateKind): state is FleetState =>
  (FLEET_STATES as readonly string[]).includes(state);

/**
 * What a rule watches: a metric (`{"metric":"cpuUsageRatio","function":"avg","over":"5m"}`) or a
 * state (`{"state":"offline"}`). One object with optional fields, so that each issue has the
 * pointer of its field.
 */
export const alertConditionSchema = z
  .strictObject({
    metric: z
      .enum(ALERT_METRIC_NAMES as [string, ...string[]] as [(typeof ALERT_METRIC_NAMES)[number]], {
        error: 'must be a metric of the history, such as cpuUsageRatio',
      })
      .optional(),
    function: alertFunctionSchema.optional(),
    /** Length of the window. Default: 5 minutes; for `full_in` 6 hours. */
    over: durationSchema({ min: '10s', max: MAX_ALERT_WINDOW }).optional(),
    state: alertStateKindSchema.optional(),
  })
  .superRefine((condition, context) => {
    const report = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message });
    const { metric, state } = condition;
    if (state !== undefined) {
      for (const key of ['metric', 'function', 'over'] as const) {
        if (condition[key] !== undefined) report([key], 'must be absent beside a state: remove it');
      }
    } else if (metric === undefined) {
      report([], 'must have a metric, such as "cpuUsageRatio", or a state, such as "offline"');
    } else if (condition.function === 'full_in' && valueWhenFull(metric) === null) {
      report(['function'], `must not be full_in, as ${metric} has no limit: use fileSystemUsageRatio`);
    }
  });
