import { z } from 'zod';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_NAME_CHARACTERS } from './limits.ts';
import { visibleText } from './visible-text.ts';

/** Targets listed in one notification. The others are only counted, in `targetCount`. */
export const MAX_NOTIFICATION_TARGETS = 200;

const MAX_TITLE_CHARACTERS = 300;
const MAX_TEXT_CHARACTERS = 10_000;
const MAX_URL_CHARACTERS = 1000;

/** Cuts a text that is too long: a long name must not lose an alert. */
const cutTo = (max: number) => (text: string) =>
  text.length <= max ? text : `${text.slice(0, max - 1).replace(/[\ud800-\udbff]$/, '')}…`;
const oneLine = (max: number) =>
  z
    .string()
    .overwrite((text) => visibleText(text, { replacement: ' ' }))
    .overwrite(cutTo(max));
const lines = (max: number) =>
  z
    .string()
    .overwrite((text) => visibleText(text, { keep: '\n' }))
    .overwrite(cutTo(max));

/** An id that is safe in a header, a URL path and a Message-ID. */
const idSchema = z.string().regex(/^[\w.:-]{1,100}$/);
const timeSchema = z.iso.datetime();
const shortTextSchema = oneLine(MAX_TITLE_CHARACTERS);
const httpUrlSchema = z.url({ protocol: /^https?$/, normalize: true }).max(MAX_URL_CHARACTERS);

/** Subject of a notification: a target, or a rollout or schedule. */
const notificationTargetSchema = z.object({
  /** `null`: the main server, a rollout or a schedule. */
  host: hostIdSchema.nullable(),
  /** Its name as people see it: the target's label or host id. */
  name: shortTextSchema,
  labels: z.record(z.string(), z.string()),
  /** The metric's value, in the unit of the metric. `null`: the rule watches a state. */
  value: z.number().nullable(),
  /** The value or state with its unit, such as `93 %` or `offline`. */
  valueText: shortTextSchema,
  /** When the condition began. */
  since: timeSchema,
  /** The last values as block characters, such as `▂▃▅▇`. */
  sparkline: oneLine(60).nullable(),
});

export const alertNotificationKindSchema = z.enum(['firing', 'resolved', 'flapping', 'reminder', 'summary']);

/** A message about an episode, as channels send it. */
export const notificationSchema = z.object({
  /** Idempotency key: the same for every attempt to send this notification. */
  id: idSchema,
  /** One stretch from firing to resolved. */
  episode: idSchema,
  kind: alertNotificationKindSchema,
  rule: oneLine(MAX_NAME_CHARACTERS),
  severity: z.enum(['warn', 'crit']),
  /** State of the episode after this event. */
  status: z.enum(['firing', 'resolved']),
  /** When the event happened. */
  at: timeSchema,
  targets: z.array(notificationTargetSchema).max(MAX_NOTIFICATION_TARGETS),
  /** All targets, listed or not. */
  targetCount: z.int().nonnegative(),
  /** One line: what happened, and where. */
  title: shortTextSchema,
  text: lines(MAX_TEXT_CHARACTERS),
  /** What values are compared with, such as `over 90 %`. `null`: the rule watches a state. */
  threshold: shortTextSchema.nullable(),
  /** Opens the targets in the dashboard, at the time of the event. */
  url: httpUrlSchema,
  /** Opens a page that acknowledges the episode. `null`: there is nothing to acknowledge. */
  acknowledgeUrl: httpUrlSchema.nullable(),
  runbook: httpUrlSchema.nullable(),
});
export type Notification = z.infer<typeof notificationSchema>;
