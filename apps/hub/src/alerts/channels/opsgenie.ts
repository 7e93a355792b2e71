import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { regionField, textField } from './settings-fields.ts';

const MAX_MESSAGE_CHARACTERS = 130;
const MAX_DESCRIPTION_CHARACTERS = 15_000;
const MAX_ENTITY_CHARACTERS = 512;
const URLS = {
  us: 'https://api.opsgenie.com/v2/alerts',
  eu: 'https://api.eu.opsgenie.com/v2/alerts',
} as const;

const settings = z.strictObject({
  type: z.literal('opsgenie'),
  apiKey: textField('Key of an integration "API"', {
    what: 'the key of an API integration, such as eb243592-faa2-4ba2-a551-1afdf565c889',
  }),
  region: regionField,
});

/**
 * Creates and closes alerts: https://docs.opsgenie.com/docs/alert-api. The episode is the `alias`:
 * Opsgenie counts further alerts with the same one, and closes it.
 */
export const opsgenie = httpChannel({
  title: 'Opsgenie',
  settings,
  secrets: ['apiKey'],
  destination: [],
  opensIncidents: true,
  render(notification, { apiKey, region }) {
    const { episode, rule, severity, status, targets, title } = notification;
    const headers = { authorization: `GenieKey ${apiKey}` };
    const source = 'Booner';
    if (status === 'resolved') {
      const close = `${URLS[region]}/${encodeURIComponent(episode)}/close?identifierType=alias`;
      return jsonRequest(close, { source }, headers);
    }
    const alert = {
      message: fitText(title, MAX_MESSAGE_CHARACTERS),
      alias: episode,
      description: plainText(messageOf(notification), MAX_DESCRIPTION_CHARACTERS),
      entity: fitText(targets[0]?.name ?? '', MAX_ENTITY_CHARACTERS),
      details: { rule, url: notification.url },
      priority: severity === 'crit' ? 'P1' : 'P3',
      source,
    };
    return jsonRequest(URLS[region], alert, headers);
  },
});
