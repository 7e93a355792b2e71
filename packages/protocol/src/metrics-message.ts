import { z } from 'zod';
import { figuresInRange } from './figure-ranges.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { measurementsSchema } from './measurements.ts';

const instance = z.string().min(1).max(64);

const unboundedSampleSchema = measurementsSchema.extend({
  type: z.literal('sample'),
  host: hostIdSchema,
  /** Random id of this start of the agent. Two instances on one host id are two agents. */
  instance,
  /** Counts the samples of this instance, starting at 1. */
  sequence: z.int().positive(),
  /** Unix time by the agent's clock. Shown, but never used for decisions. */
  sampledAtMs: z.int().nonnegative(),
  /** `takenAtMs` of the last stored inventory, so that readers know when to read it again. */
  inventoryTakenAtMs: z.int().nonnegative().nullable(),
  intervalMs: z.int().min(100).max(3_600_000),
});

/** Sample that an agent publishes each interval on its metrics channel. */
export const sampleSchema = unboundedSampleSchema.check(figuresInRange);

/** Published once by an agent that stops cleanly. Its host goes offline at once. */
export const byeSchema = z.object({ type: z.literal('bye'), instance: instance.optional() });

export const metricsMessageSchema = z.discriminatedUnion('type', [sampleSchema, byeSchema]);

/**
 * {@link metricsMessageSchema} without the ranges of figures, for a validator that copies nothing.
 * The ranges MUST be checked with `areFiguresInRange`.
 */
export const unboundedMessageSchema = z.discriminatedUnion('type', [unboundedSampleSchema, byeSchema]);

export type Sample = z.infer<typeof sampleSchema>;
export type Bye = z.infer<typeof byeSchema>;
export type MetricsMessage = z.infer<typeof metricsMessageSchema>;
