import { z } from 'zod';
import { labelsSchema } from './labels-schema.ts';
import { visibleText } from './visible-text.ts';

const text = z
  .string()
  .max(500)
  .overwrite((value) => visibleText(value));

/** Properties of a host that rarely change. `null` if unknown. */
export const inventorySchema = z.object({
  /** Unix time by the clock of the host. */
  takenAtMs: z.int().nonnegative(),
  hostname: text.nullable(),
  /** Linux: id of the running kernel since it booted. Absent from older agents. */
  bootId: text.nullable().optional(),
  cpu: z
    .object({
      model: text.nullable(),
      physicalCores: z.int().positive().nullable(),
      logicalCores: z.int().positive(),
      /** Nominal clock frequency. */
      clockGigahertz: z.number().positive().nullable(),
    })
    .nullable(),
  memoryTotalBytes: z.number().nonnegative().nullable(),
  gpus: z.array(z.object({ name: text, memoryTotalBytes: z.number().nonnegative().nullable() })).max(256),
  os: z.object({
    platform: text,
    /** For example `Debian GNU/Linux 12 (bookworm)`. */
    name: text.nullable(),
    kernel: text.nullable(),
    architecture: text,
  }),
  /** For example `kvm` or `docker`. `null` on bare metal or if unknown. */
  virtualization: text.nullable(),
  /** The operator's label for the host (`BOONER_LABEL`). */
  label: text.nullable(),
  /** Labels that the agent declares (`BOONER_LABELS`). They are shown and decide nothing. */
  labels: labelsSchema.default({}),
  agentVersion: text,
});

export type Inventory = z.infer<typeof inventorySchema>;
