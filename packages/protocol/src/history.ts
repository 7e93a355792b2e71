import { z } from 'zod';
import { HISTORY_FIGURES, type HistoryFigureName } from './figures.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { HISTORY_RANGES_MS } from './limits.ts';

/** Ranges that a history can be requested for. */
export const historyRangeSchema = z.enum(
  Object.keys(HISTORY_RANGES_MS) as (keyof typeof HISTORY_RANGES_MS)[],
);

/** One figure over time, as long as `times`. `null`: unknown then. Seven significant digits. */
const column = z.array(z.number().nullable());
const columns = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, column])) as {
  [Name in HistoryFigureName]: typeof column;
};

/**
 * The last minutes of one host as columns, for charts: `GET /targets/:host/history` and `GET
 * /system/history`. Row `i` of every column was received at `times[i]`. A silence has one row in
 * which every figure is `null`, so that a chart that breaks its line at `null` shows the gap.
 */
export const targetHistorySchema = z.object({
  /** `null`: the machine that the hub runs on. */
  host: hostIdSchema.nullable(),
  /**
   * Requested span in Unix milliseconds by the hub's clock, like `times`. `toMs` is the time of the
   * answer.
   */
  fromMs: z.int(),
  toMs: z.int(),
  /**
   * Usual time between two rows: the agent's interval, or a multiple of it in a large fleet. `null`
   * while there are no rows.
   */
  intervalMs: z.int().nullable(),
  /** When each row was received. Strictly ascending. */
  times: z.array(z.int()),
  ...columns,
  /**
   * One column per logical core, in the order of the samples, in steps of 0.005. At most 256 cores.
   */
  coreUsageRatios: z.array(column),
});

export type HistoryRange = z.infer<typeof historyRangeSchema>;
export type TargetHistory = z.infer<typeof targetHistorySchema>;
