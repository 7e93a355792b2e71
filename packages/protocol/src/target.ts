import { z } from 'zod';
import { type NewFigureName, SUMMARY_FIGURES, type SummaryFigureName } from './figures.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { inventorySchema } from './inventory.ts';
import { labelsSchema } from './labels-schema.ts';
import { measurementsSchema } from './measurements.ts';
import { sampleSchema } from './metrics-message.ts';
import { quarantineSchema } from './registration.ts';
import { targetStatusSchema } from './system-status.ts';

/** Properties that the agent reports; `null`: unknown or absent. */
const systemSchema = z.object({
  /** `linux`, `darwin` or `win32`. */
  os: z.string().nullable(),
  /** For example `x64` or `arm64`. */
  arch: z.string().nullable(),
  /** Names of the GPUs, joined with `, `. */
  gpu: z.string().nullable(),
  /** Version of the agent. */
  version: z.string().nullable(),
});

/** Data of a target other than its measurements. Times are Unix milliseconds by the hub's clock. */
const targetFacts = {
  host: hostIdSchema,
  status: targetStatusSchema,
  label: z.string().nullable(),
  /**
   * Labels of the agent and of operators; those of operators win. Absent, like the next two, if the
   * hub does not send them yet.
   */
  labels: labelsSchema.optional(),
  /** Those of `labels` that operators set. */
  operatorLabels: labelsSchema.optional(),
  /** What selectors find under built-in names. */
  system: systemSchema.optional(),
  firstSeenAtMs: z.int().nullable(),
  lastSeenAtMs: z.int().nullable(),
  /** Agent's clock minus hub's clock, if beyond 5 s, else `null`. */
  clockSkewMs: z.int().nullable(),
  /** Instances of the agents that claim this host id, if there are several, else `null`. */
  conflictingInstances: z.array(z.string()).nullable(),
  /** `null` unless hubs ignore the host. Older hubs do not send it. */
  quarantine: quarantineSchema.nullable().optional(),
};

/** One target in full: `GET /targets/:host`, and the status stream with `detail: "full"`. */
export const targetSchema = z.object({
  ...targetFacts,
  inventory: inventorySchema.nullable(),
  /** Last sample received, however old. */
  sample: sampleSchema.nullable(),
});

const figure = z.number().nullable();
const summaryFigures = Object.fromEntries(
  SUMMARY_FIGURES.map(({ name, isNew }) => [name, isNew ? figure.optional() : figure]),
) as {
  [Name in SummaryFigureName]: Name extends NewFigureName ? z.ZodOptional<typeof figure> : typeof figure;
};

/**
 * One target in brief: the fields of a fleet list. `null` if unknown. All measurements but sizes
 * are also `null` while the target is not active.
 */
export const targetSummarySchema = z.object({
  ...targetFacts,
  intervalMs: z.int().nullable(),
  ...summaryFigures,
  gpus: z
    .array(
      z.object({
        name: z.string(),
        usageRatio: z.number().nullable(),
        memoryTotalBytes: z.number().nullable(),
        memoryUsedBytes: z.number().nullable(),
        temperatureCelsius: z.number().nullable(),
      }),
    )
    .nullable(),
  /** Inventory in one phrase. */
  specs: z.string(),
});

/** The machine that the hub runs on. */
export const mainServerSchema = z.object({
  /** This machine among the targets. `null`: it is none of them. Older hubs do not send it. */
  host: hostIdSchema.nullable().optional(),
  inventory: inventorySchema.nullable(),
  /** `null` until the first sample is taken. */
  measurements: measurementsSchema.extend({ sampledAtMs: z.int().nonnegative() }).nullable(),
});

export type Target = z.infer<typeof targetSchema>;
export type TargetSummary = z.infer<typeof targetSummarySchema>;
export type MainServer = z.infer<typeof mainServerSchema>;
