import { z } from 'zod';
import { alertEffectSchema } from './alert-effect.ts';

const timeMs = z.int().nonnegative();
const spanSchema = z.tuple([timeMs, timeMs]).readonly().nullable();

/**
 * What is remembered of one group: the alerts of one rule whose targets share a label. Times are
 * Unix milliseconds by the hub's clock.
 */
export const groupMemorySchema = z.object({
  /** Episodes that people know of and that have not resolved. */
  open: z.array(z.string()).readonly(),
  /** For the next notifications, in the order of arrival. At most one for each episode. */
  waiting: z.array(alertEffectSchema).readonly(),
  /** Episodes that resolved, until all have or no more follow. */
  resolved: z.array(alertEffectSchema).readonly(),
  /** Arrival of the first and of the last effect in `waiting`, and in `resolved`. */
  waitingMs: spanSchema,
  resolvedMs: spanSchema,
  /** Last notification; `null`: none lately. */
  sentAtMs: timeMs.nullable(),
});
export type GroupMemory = z.infer<typeof groupMemorySchema>;

/** An effect on its way to the hub that keeps its group. */
export const groupInputSchema = z.object({
  group: z.string(),
  /** `collect`: the group notifies of it. `track`: another group does; it only counts as open. */
  use: z.enum(['collect', 'track']),
  effect: alertEffectSchema,
});
export type GroupInput = z.infer<typeof groupInputSchema>;
