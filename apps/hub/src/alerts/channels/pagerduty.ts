import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf } from './message.ts';
import { regionField, textField } from './settings-fields.ts';

const MAX_SUMMARY_CHARACTERS = 1024;
/** An event may have 512 KB in all. */
const MAX_DETAILS_CHARACTERS = 20_000;
const URLS = {
  us: 'https://events.pagerduty.com/v2/enqueue',
  eu: 'https://events.eu.pagerduty.com/v2/enqueue',
} as const;

const settings = z.strictObject({
  type: z.literal('pagerduty'),
  routingKey: textField('Integration key of a service with the integration "Events API V2"', {
    what: 'an integration key: 32 letters and digits',
    pattern: /^[A-Za-z0-9]{32}$/,
  }),
  region: regionField,
});

/**
 * Sends an event to the Events API v2 of PagerDuty:
 * https://developer.pagerduty.com/docs/send-alert-event. The episode is the `dedup_key`: its events
 * change one incident, which `resolve` closes.
 */
export const pagerduty = httpChannel({
  title: 'PagerDuty',
  settings,
  secrets: ['routingKey'],
  destination: [],
  opensIncidents: true,
  render(notification, { routingKey, region }) {
    const { at, episode, rule, severity, status, targets, targetCount, title, url } = notification;
    const identity = { routing_key: routingKey, dedup_key: episode };
    if (status === 'resolved') return jsonRequest(URLS[region], { ...identity, event_action: 'resolve' });
    const { body, links } = messageOf(notification);
    const [first] = targets;
    return jsonRequest(URLS[region], {
      ...identity,
      event_action: 'trigger',
      payload: {
        summary: fitText(title, MAX_SUMMARY_CHARACTERS),
        source: targetCount === 1 && first !== undefined ? first.name : `${targetCount} targets`,
        severity: severity === 'crit' ? 'critical' : 'warning',
        timestamp: at,
        class: rule,
        custom_details: { details: fitText(body, MAX_DETAILS_CHARACTERS) },
      },
      links: links.map((link) => ({ href: link.url, text: link.text })),
      client: 'Booner',
      client_url: url,
    });
  },
});
