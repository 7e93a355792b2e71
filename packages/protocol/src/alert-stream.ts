import { z } from 'zod';
import { alertSchema } from './alert.ts';
import { busStateSchema, waitingSchema } from './bus-state.ts';
import { cursorSchema } from './cursor-schema.ts';
import { pingSchema, pongSchema } from './ping.ts';

/** Settings of alerts, each a set of named values. */
export const ALERT_SETTINGS = ['rules', 'channels', 'silences', 'quietHours', 'heartbeats'] as const;
const alertSettingKindSchema = z.enum(ALERT_SETTINGS);
export type AlertSettingKind = z.infer<typeof alertSettingKindSchema>;

/** Every open episode in scope. Sent on connect, and if a cursor cannot be resumed. */
const snapshotSchema = z.object({
  type: z.literal('snapshot'),
  /** Position after which the following events come. */
  cursor: cursorSchema,
  /** Unless `connected`, the hub receives no changes. */
  bus: busStateSchema,
  alerts: z.array(alertSchema),
});

/** Answer to a cursor whose events are all available. Only these events follow. */
const resumedSchema = z.object({ type: z.literal('resumed'), cursor: cursorSchema, bus: busStateSchema });

/** The hub lost the bus, or has caught up with it again. No events arrive in between. */
const busSchema = z.object({ type: z.literal('bus'), bus: busStateSchema });

/** Episodes that began, changed or ended, whole. Those that are `resolved` have ended. */
const eventSchema = z.object({
  type: z.literal('event'),
  cursor: cursorSchema,
  alerts: z.array(alertSchema),
});

/** Somebody changed settings: read them again where they are shown. */
const settingsSchema = z.object({
  type: z.literal('settings'),
  cursor: cursorSchema,
  kind: alertSettingKindSchema,
});

const errorSchema = z.object({ type: z.literal('error'), detail: z.string() });

/** Hub to client on `/ws/alerts` with `booner.v2`. Clients ignore unknown types. */
export const alertServerMessageSchema = z.discriminatedUnion('type', [
  waitingSchema,
  snapshotSchema,
  resumedSchema,
  busSchema,
  eventSchema,
  settingsSchema,
  errorSchema,
  pongSchema,
]);

/** Client to hub. The URL's query (`?cursor=…`) determines the first answer. */
export const alertClientMessageSchema = z.discriminatedUnion('type', [
  /** Answered by `resumed` and the missed events, or by a `snapshot`. */
  z.strictObject({ type: z.literal('subscribe'), cursor: cursorSchema.optional() }),
  pingSchema,
]);

export type AlertSnapshot = z.infer<typeof snapshotSchema>;
export type AlertServerMessage = z.infer<typeof alertServerMessageSchema>;
export type AlertClientMessage = z.infer<typeof alertClientMessageSchema>;
