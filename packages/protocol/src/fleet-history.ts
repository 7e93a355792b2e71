import { z } from 'zod';
import { HISTORY_FIGURES, type HistoryFigureName } from './figures.ts';
import { targetHistorySchema } from './history.ts';
import { hostIdSchema } from './host-id-schema.ts';

export const historyFigureNameSchema = z.enum(HISTORY_FIGURES.map(({ name }) => name));

const figures = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, true]));

/**
 * Some figures of the last minutes of several targets, for small charts side by side: `GET /history`. Each target has its own
 * `times`, and of the figures those that were asked for. Hosts that are no targets are left out.
 */
export const fleetHistorySchema = z.object({
  /** As in the history of one host; the same for all. */
  fromMs: z.int(),
  toMs: z.int(),
  /** In the order in which they were asked for. */
  targets: z.array(
    targetHistorySchema
      .omit({ fromMs: true, toMs: true, coreUsageRatios: true })
      .partial(figures as Record<HistoryFigureName, true>)
      .extend({ host: hostIdSchema }),
  ),
});

export type FleetHistory = z.infer<typeof fleetHistorySchema>;
