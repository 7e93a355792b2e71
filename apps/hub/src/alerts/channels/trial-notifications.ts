import type { Notification } from '@booner/protocol';
import type { ChannelSettings } from './channels.ts';
import { channelOf } from './channels.ts';

export type TrialOptions = {
  /** A new id: the trial is one notification, and an episode of its own. */
  readonly id: string;
  /** URL of the channels in the dashboard. */
  readonly url: string;
  readonly at: Date;
};

/**
 * Returns what the test of a channel sends: one message, and where that opens an incident, a second
 * one that closes it.
 */
export function trialNotifications(
  { type }: ChannelSettings,
  { id, url, at }: TrialOptions,
): readonly Notification[] {
  const time = at.toISOString();
  const firing: Notification = {
    id,
    episode: id,
    kind: 'firing',
    rule: 'test',
    severity: 'warn',
    status: 'firing',
    at: time,
    targets: [
      {
        host: null,
        name: 'main server',
        labels: {},
        value: null,
        valueText: 'nothing is wrong',
        since: time,
        sparkline: null,
      },
    ],
    targetCount: 1,
    title: 'Test of this channel',
    text: 'Somebody pressed the test button in Booner. Alerts arrive here like this message.',
    threshold: null,
    url,
    acknowledgeUrl: null,
    runbook: null,
  };
  if (!channelOf(type).opensIncidents) return [firing];
  return [firing, { ...firing, id: `${id}.resolved`, kind: 'resolved', status: 'resolved' }];
}
