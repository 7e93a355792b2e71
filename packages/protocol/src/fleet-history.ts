import { z } from 'zod';
import { HISTORY_FIGURES, type HistoryFigureName } from './figures.ts';
import { targetHistorySchema } from './history.ts';
import { hostIdSchema } from './host-id-schema.ts';

export const historyFigureNameSchema = z.enum(HISTORY_FIGURES.map(({ name }) => name));

const figures = Object.fromEntries(HISTORY_FIGURES.map(({ name }) => [name, true]));

/**
 * Answer of `GET /history`: selected figures of several targets over the last minutes, for small
 * charts side by side. Each target has its own `times`. Unknown hosts are omitted.
 */
export const fleetHistorySchema = z.object({
  /** As in the history of one host. The same for all targets. */
  fromMs: z.int(),
  toMs: z.int(),
  /** In the order of the request. */
  targets: z.array(
    targetHistorySchema
      .omit({ fromMs: true, toMs: true, coreUsageRatios: true })
      .partial(figures as Record<HistoryFigureName, true>)
      .extend({ host: hostIdSchema }),
  ),
});

export type FleetHistory = z.infer<typeof fleetHistorySchema>;
