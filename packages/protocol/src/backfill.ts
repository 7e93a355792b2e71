import { z } from 'zod';
import { HISTORY_METRIC_NAMES } from './history-metrics.ts';
import { MAX_BACKFILL_MINUTES } from './limits.ts';

/** Samples that a hub missed. Times are Unix milliseconds by the agent's clock. */
export const backfillRequestSchema = z.object({
  id: z.string().min(1).max(64),
  fromMs: z.int().nonnegative(),
  toMs: z.int().nonnegative(),
});

/** The columns of a block: metric, and device or `null`. */
export const layoutSchema = z
  .array(z.tuple([z.enum(HISTORY_METRIC_NAMES), z.string().max(1024).nullable()]))
  .max(2000);

/** What an agent kept, as raw blocks of the history, each of one minute. */
const backfillSchema = z.object({
  layouts: z.array(layoutSchema).max(MAX_BACKFILL_MINUTES),
  minutes: z
    .array(
      z.object({
        startMs: z.int().nonnegative(),
        /** Index in `layouts`. */
        layout: z.int().nonnegative(),
        /** The block in base64. */
        data: z.base64(),
      }),
    )
    .max(MAX_BACKFILL_MINUTES),
});

/** Answer to a request, in the field `backfill` of the target's hash. */
export const backfillAnswerSchema = backfillSchema.extend({ id: backfillRequestSchema.shape.id });

export type BackfillRequest = z.infer<typeof backfillRequestSchema>;
export type BackfillLayout = z.infer<typeof layoutSchema>;
export type Backfill = z.infer<typeof backfillSchema>;
export type BackfillAnswer = z.infer<typeof backfillAnswerSchema>;
