import type { ChannelType, Notification, SendOutcome } from '@booner/protocol';
import { z } from 'zod';
import { alertmanager } from './alertmanager.ts';
import { apprise } from './apprise.ts';
import type { Channel } from './channel.ts';
import { discord } from './discord.ts';
import { email } from './email.ts';
import { gotify } from './gotify.ts';
import { matrix } from './matrix.ts';
import { ntfy } from './ntfy.ts';
import { opsgenie } from './opsgenie.ts';
import type { SendDeps } from './outgoing-request.ts';
import { pagerduty } from './pagerduty.ts';
import { pushover } from './pushover.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { telegram } from './telegram.ts';
import { webPush } from './web-push.ts';
import { webhook } from './webhook.ts';

const CHANNELS = {
  webhook,
  email,
  slack,
  discord,
  teams,
  telegram,
  ntfy,
  gotify,
  pushover,
  matrix,
  pagerduty,
  opsgenie,
  'web-push': webPush,
  alertmanager,
  apprise,
} as const satisfies Readonly<Record<ChannelType, object>>;

/** Settings of a channel of any type, secrets included. */
export const channelSettingsSchema = z.discriminatedUnion(
  'type',
  [
    webhook.settings,
    email.settings,
    slack.settings,
    discord.settings,
    teams.settings,
    telegram.settings,
    ntfy.settings,
    gotify.settings,
    pushover.settings,
    matrix.settings,
    pagerduty.settings,
    opsgenie.settings,
    webPush.settings,
    alertmanager.settings,
    apprise.settings,
  ],
  { error: `must be one of ${Object.keys(CHANNELS).join(', ')}` },
);
export type ChannelSettings = z.infer<typeof channelSettingsSchema>;

/** Returns the channel of a type. Its functions take settings of that type alone. */
export const channelOf = (type: ChannelType): Channel => CHANNELS[type];

/** Makes one attempt to send a notification. Never throws. */
export const sendNotification = (
  notification: Notification,
  settings: ChannelSettings,
  deps: SendDeps,
): Promise<SendOutcome> => channelOf(settings.type).send(notification, settings, deps);

/** Returns what a form needs per type: title, secret fields, and a JSON schema of the settings. */
export const describeChannels = () =>
  Object.entries(CHANNELS).map(([type, { title, secrets, settings }]) => ({
    type,
    title,
    secrets,
    settings: z.toJSONSchema(settings, { io: 'input' }),
  }));
