import { z } from 'zod';

const text = z.string().max(500);

/** What hardly changes about a host. What could not be found out is `null`. */
export const inventorySchema = z.object({
  /** Unix time by the clock of the host that took it. */
  takenAtMs: z.int().nonnegative(),
  hostname: text.nullable(),
  cpu: z
    .object({
      model: text.nullable(),
      physicalCores: z.int().positive().nullable(),
      logicalCores: z.int().positive(),
      /** Nominal clock. */
      clockGigahertz: z.number().positive().nullable(),
    })
    .nullable(),
  memoryTotalBytes: z.number().nonnegative().nullable(),
  gpus: z.array(z.object({ name: text, memoryTotalBytes: z.number().nonnegative().nullable() })).max(256),
  os: z.object({
    platform: text,
    /** Such as `Debian GNU/Linux 12 (bookworm)`. */
    name: text.nullable(),
    kernel: text.nullable(),
    architecture: text,
  }),
  /** Such as `kvm` or `docker`; `null` on bare metal or when unknown. */
  virtualization: text.nullable(),
  /** Operator's words for the host (`BOONER_LABEL`). */
  label: text.nullable(),
  agentVersion: text,
});

export type Inventory = z.infer<typeof inventorySchema>;
