import { z } from 'zod';

/** Types of channels that notifications are sent to. */
export const channelTypeSchema = z.enum([
  'webhook',
  'email',
  'slack',
  'discord',
  'teams',
  'telegram',
  'ntfy',
  'gotify',
  'pushover',
  'matrix',
  'pagerduty',
  'opsgenie',
  'web-push',
  'alertmanager',
  'apprise',
]);
export type ChannelType = z.infer<typeof channelTypeSchema>;

/** A channel as the hub shows it: its settings without the secret ones. */
export const shownChannelSchema = z.looseObject({
  type: channelTypeSchema,
  /** Secret settings that have a value. The hub never shows the value. */
  secrets: z.array(z.string()),
});
export type ShownChannel = z.infer<typeof shownChannelSchema>;

/**
 * Outcome of an attempt to send a notification. `answer` is what the other side said, or why it
 * could not be reached: at most 300 characters, without secrets.
 */
export const sendOutcomeSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('delivered'), answer: z.string() }),
  /** Another attempt would be refused too: the channel's settings need a change. */
  z.object({ type: z.literal('rejected'), answer: z.string() }),
  z.object({
    type: z.literal('retry'),
    answer: z.string(),
    /** The pause that the other side asked for; `null`: it did not. */
    retryAfterMs: z.number().nonnegative().nullable(),
  }),
]);
export type SendOutcome = z.infer<typeof sendOutcomeSchema>;
