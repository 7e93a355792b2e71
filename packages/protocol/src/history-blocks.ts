import { z } from 'zod';
import { layoutSchema } from './backfill.ts';
import { HISTORY_TIER_NAMES } from './history-metrics.ts';
import { hostIdSchema } from './host-id-schema.ts';

/**
 * A page of the stored history of one hub, for another one: `GET /history/blocks`. Blocks are
 * copied as they are.
 */
export const historyBlocksSchema = z.object({
  layouts: z.array(layoutSchema),
  blocks: z.array(
    z.object({
      host: hostIdSchema,
      tier: z.enum(HISTORY_TIER_NAMES),
      startMs: z.int().nonnegative(),
      /** Index in `layouts`. */
      layout: z.int().nonnegative(),
      /** The block in base64. */
      data: z.base64(),
    }),
  ),
  /** Last host of this page, after which the next one begins; `null`: this is the last page. */
  next: hostIdSchema.nullable(),
});

export type HistoryBlocks = z.infer<typeof historyBlocksSchema>;
