import { z } from 'zod';
import { sendOutcomeSchema, shownChannelSchema } from './alert-channel.ts';
import { alertNotificationKindSchema } from './alert-notification.ts';
import { alertNameSchema, alertRuleBodySchema, alertRuleSchema } from './alert-rule.ts';
import { alertSeveritySchema } from './alert-state.ts';
import { durationSchema } from './duration-schema.ts';
import { hostIdSchema } from './host-id-schema.ts';
import { MAX_ALERT_DURATION, MAX_SUBJECT_CHARACTERS } from './limits.ts';
import { quietHoursSchema } from './quiet-hours.ts';
import { viewSelectorTextSchema } from './selector-schema.ts';
import { visibleText } from './visible-text.ts';

const timeMs = z.int().nonnegative();

/** A rule in a list. */
const listedRuleSchema = z.object({
  rule: alertRuleSchema,
  /**
   * `stock`: part of Booner; `stored`: set by people; `file`: of `BOONER_ALERT_RULES_DIR`, and
   * read-only.
   */
  source: z.enum(['stock', 'stored', 'file']),
  /** Name of its file. */
  file: z.string().nullable(),
});
export type ListedRule = z.infer<typeof listedRuleSchema>;

/** Answer of `GET /alert-rules`. */
export const ruleListSchema = z.object({
  rules: z.array(listedRuleSchema),
  /** What is wrong with files: a sentence each, with file, line and remedy. */
  issues: z.array(z.string()),
});
export type RuleList = z.infer<typeof ruleListSchema>;

/** Body of `POST /alert-rules/test`. */
export const ruleTrialRequestSchema = z.strictObject({
  rule: alertRuleBodySchema,
  /** Time until now. */
  range: durationSchema({ min: '1m', max: '30d' }).default('24h'),
  /** Only this host. Absent: every target that the rule selects. */
  host: hostIdSchema.optional(),
});

/** An episode that a rule would have had. Times are Unix milliseconds. */
const triedEpisodeSchema = z.object({
  host: hostIdSchema,
  device: z.string().nullable(),
  startedAtMs: timeMs,
  /** `null`: it would still be open. */
  endedAtMs: timeMs.nullable(),
  /** The worst that it reached. */
  severity: alertSeveritySchema,
  /** Messages that it would have sent, before grouping. */
  messages: z.int().nonnegative(),
});

/** Episodes that an answer of `POST /alert-rules/test` lists. */
export const MAX_TRIED_EPISODES = 1000;

/** Answer of `POST /alert-rules/test`. */
export const ruleTrialSchema = z.object({
  fromMs: timeMs,
  toMs: timeMs,
  /** Time between two values that it was tried on; `null`: samples as they were received. */
  stepMs: z.int().positive().nullable(),
  /** Targets that the rule selects, and those of them whose history was read. */
  selected: z.int().nonnegative(),
  tried: z.int().nonnegative(),
  /** The first ones by start. */
  episodes: z.array(triedEpisodeSchema).max(MAX_TRIED_EPISODES),
  /** All of them, and all their messages. */
  episodeCount: z.int().nonnegative(),
  messageCount: z.int().nonnegative(),
});
export type RuleTrial = z.infer<typeof ruleTrialSchema>;

const reasonSchema = z
  .string()
  .overwrite((text) => visibleText(text, { replacement: ' ' }).trim())
  .min(1, 'must say why, for those who see the silence')
  .max(500);

/** Body of `POST /silences`. */
export const newSilenceSchema = z.strictObject({
  /** Targets that are muted. An empty one selects nothing. */
  selector: viewSelectorTextSchema,
  /** Absent: all rules. */
  rule: alertNameSchema.optional(),
  until: z.iso.datetime({
    offset: true,
    error: 'must be a time with its offset, such as "2026-12-01T22:00:00Z"',
  }),
  reason: reasonSchema,
});

/** A mute by selector until a time. */
export const silenceSchema = z.object({
  id: z.string(),
  selector: z.string(),
  rule: alertNameSchema.nullable(),
  untilMs: timeMs,
  reason: z.string(),
  createdBy: z.string().max(MAX_SUBJECT_CHARACTERS),
  createdAtMs: timeMs,
});
export type Silence = z.infer<typeof silenceSchema>;

/** Answer of `GET /silences`. */
export const silenceListSchema = z.object({ silences: z.array(silenceSchema) });
export type SilenceList = z.infer<typeof silenceListSchema>;

/** Answer of `GET /quiet-hours`. */
export const quietHoursListSchema = z.object({
  quietHours: z.array(quietHoursSchema.extend({ name: alertNameSchema, isQuietNow: z.boolean() })),
});
export type QuietHoursList = z.infer<typeof quietHoursListSchema>;

/** Body of `PUT /heartbeats/:name`. */
export const heartbeatBodySchema = z.strictObject({
  /** Target that the job runs on. */
  host: hostIdSchema,
  /** Longest time between two heartbeats. */
  every: durationSchema({ min: '1m', max: MAX_ALERT_DURATION }),
});

/** A job that reports by `POST /heartbeats/:key`, and is missed when it does not. */
export const heartbeatSchema = heartbeatBodySchema.extend({
  name: alertNameSchema,
  createdAtMs: timeMs,
  /** `null`: none yet. */
  lastBeatAtMs: timeMs.nullable(),
});
export type Heartbeat = z.infer<typeof heartbeatSchema>;

/** Answer of `GET /heartbeats`. */
export const heartbeatListSchema = z.object({ heartbeats: z.array(heartbeatSchema) });
export type HeartbeatList = z.infer<typeof heartbeatListSchema>;

/** Answer of `PUT /heartbeats/:name`. */
export const savedHeartbeatSchema = heartbeatSchema.extend({
  /** URL to post to. It is shown only once, when the heartbeat is new: `null` later. */
  url: z.string().nullable(),
});
export type SavedHeartbeat = z.infer<typeof savedHeartbeatSchema>;

/** A channel in a list. */
const listedChannelSchema = shownChannelSchema.extend({
  name: alertNameSchema,
  /** True if rules that name no channels notify it. */
  isDefault: z.boolean(),
  /** Why it cannot be used, as a sentence; `null`: it can. */
  issue: z.string().nullable(),
});
export type ListedChannel = z.infer<typeof listedChannelSchema>;

/** Answer of `GET /alert-channels`. */
export const channelListSchema = z.object({
  channels: z.array(listedChannelSchema),
  /** What a form needs per type. */
  types: z.array(
    z.object({
      type: z.string(),
      title: z.string(),
      secrets: z.array(z.string()),
      /** JSON schema of the settings. */
      settings: z.record(z.string(), z.unknown()),
    }),
  ),
});
export type ChannelList = z.infer<typeof channelListSchema>;

/** Answer of `POST /alert-channels/:name/test`: one outcome for each message that was sent. */
export const channelTrialSchema = z.object({ outcomes: z.array(sendOutcomeSchema) });
export type ChannelTrial = z.infer<typeof channelTrialSchema>;

/** A notification that has not been delivered. */
const deliverySchema = z.object({
  id: z.string(),
  channel: alertNameSchema,
  /** `waiting`: another attempt follows. `dead`: none does, unless somebody asks for it. */
  status: z.enum(['waiting', 'dead']),
  kind: alertNotificationKindSchema,
  rule: z.string(),
  title: z.string(),
  attempts: z.int().nonnegative(),
  firstAtMs: timeMs,
  /** What the other side said to the last attempt; `null`: none was made. */
  answer: z.string().nullable(),
  /** Of one that waits. */
  nextAtMs: timeMs.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** Answer of `GET /alert-deliveries`. */
export const deliveryListSchema = z.object({ deliveries: z.array(deliverySchema) });
export type DeliveryList = z.infer<typeof deliveryListSchema>;
