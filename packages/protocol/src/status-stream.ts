import { z } from 'zod';
import { busStateSchema, waitingSchema } from './bus-state.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { pingSchema, pongSchema } from './ping.ts';
import { mainServerSchema, targetSchema, targetSummarySchema } from './target.ts';

/** Fields that snapshots and patches share. */
const stateFields = {
  /**
   * Number of the broadcast that this state is at least as new as. The next patch has the next
   * number.
   */
  sequence: z.int().positive(),
  /** Unix time by the hub's clock. */
  sentAtMs: z.int(),
  /** Interval of the stream. */
  intervalMs: z.int(),
  /**
   * Unless `connected`, the hub does not receive samples: targets are as old as their
   * `lastSeenAtMs` says.
   */
  bus: busStateSchema,
  mainServer: mainServerSchema,
  targets: z.array(z.union([targetSchema, targetSummarySchema])),
};

/**
 * Complete state. Sent on connect, after `subscribe`, and after frames that the client was too slow
 * for.
 */
export const statusSnapshotSchema = z.object({
  type: z.literal('snapshot'),
  ...stateFields,
});

/** Changes since the previous message: whole entries that replace those of the same host. */
const patchSchema = z.object({
  type: z.literal('patch'),
  ...stateFields,
  removedHosts: z.array(hostIdSchema),
});

const errorSchema = z.object({ type: z.literal('error'), detail: z.string() });

/** Hub to client on `/ws/system/status` with `booner.v2`. Clients ignore unknown types. */
export const statusServerMessageSchema = z.discriminatedUnion('type', [
  waitingSchema,
  statusSnapshotSchema,
  patchSchema,
  errorSchema,
  pongSchema,
]);

/**
 * Client to hub. `subscribe` narrows the stream to some hosts, or widens its detail. The answer is
 * a snapshot.
 */
export const statusClientMessageSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('subscribe'),
    /** Absent: all hosts. */
    hosts: z.array(hostIdSchema).max(1000).optional(),
    /** `summary` (default): the fields of a fleet list. `full`: whole samples and inventories. */
    detail: z.enum(['summary', 'full']).default('summary'),
  }),
  pingSchema,
]);

export type StatusSnapshot = z.infer<typeof statusSnapshotSchema>;
export type StatusPatch = z.infer<typeof patchSchema>;
export type StatusServerMessage = z.infer<typeof statusServerMessageSchema>;
export type StatusClientMessage = z.infer<typeof statusClientMessageSchema>;
