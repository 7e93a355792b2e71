import { z } from 'zod';
import { HISTORY_METRIC_NAMES, HISTORY_TIER_NAMES, RANKED_METRICS } from './history-metrics.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { taskIdSchema } from './task.ts';

const column = z.array(z.number().nullable());

export const historyMetricSchema = z.enum(HISTORY_METRIC_NAMES);
export const rankedMetricSchema = z.enum(RANKED_METRICS);

/** Something that happened to a host, shown as a mark in its charts. */
export const annotationSchema = z.object({
  /** Unix milliseconds by the hub's clock. */
  atMs: z.int(),
  /** End of what took time, such as a task. */
  untilMs: z.int().nullable(),
  kind: z.enum(['offline', 'online', 'agent_restarted', 'agent_updated', 'task', 'alert']),
  /** Such as `web.deploy failed`. */
  text: z.string(),
  taskId: taskIdSchema.nullable(),
});

/**
 * A range of the history of one host: `GET /targets/:host/history` with `range`, or `from` and
 * `to`. Every column is as long as `timesMs`. A silence has one row in which every value is `null`.
 */
export const seriesHistorySchema = z.object({
  /** `null`: the machine that the hub runs on. */
  host: hostIdSchema.nullable(),
  /** Requested range in Unix milliseconds by the hub's clock, without `toMs` itself. */
  fromMs: z.int(),
  toMs: z.int(),
  /** Resolution of the data that the answer was made from; `store`: that of a Prometheus store. */
  tier: z.enum([...HISTORY_TIER_NAMES, 'store']),
  /** Length of a point; `null`: samples as they were received. */
  stepMs: z.int().nullable(),
  /** Start of each point, ascending. */
  timesMs: z.array(z.int()),
  series: z.array(
    z.object({
      metric: historyMetricSchema,
      /** Mount point, interface, core …; `null` for a metric of the host. */
      device: z.string().nullable(),
      avg: column,
      min: column,
      max: column,
    }),
  ),
  annotations: z.array(annotationSchema),
});

/** Several targets over one range, for comparison: `GET /history?hosts=…&metrics=…`. */
export const comparedHistorySchema = z.object({ targets: z.array(seriesHistorySchema) });

/** Targets with the highest values of a metric over a range: `GET /history?metric=…`. */
export const historyRankingSchema = z.object({
  metric: rankedMetricSchema,
  /** Whole hours that cover the requested range. */
  fromMs: z.int(),
  toMs: z.int(),
  by: z.enum(['avg', 'max']),
  /** Highest first. Targets without values are left out. */
  targets: z.array(
    z.object({ host: hostIdSchema, avg: z.number(), max: z.number(), samples: z.int().positive() }),
  ),
});

export type Annotation = z.infer<typeof annotationSchema>;
export type SeriesHistory = z.infer<typeof seriesHistorySchema>;
export type ComparedHistory = z.infer<typeof comparedHistorySchema>;
export type HistoryRanking = z.infer<typeof historyRankingSchema>;
