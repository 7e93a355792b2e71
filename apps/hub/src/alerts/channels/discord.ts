import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { allowPrivateField, urlField } from './settings-fields.ts';

const MAX_TITLE_CHARACTERS = 256;
const MAX_DESCRIPTION_CHARACTERS = 4096;
const COLORS = { resolved: 0x2e9e5b, warn: 0xe0a100, crit: 0xd13438 } as const;

const settings = z.strictObject({
  type: z.literal('discord'),
  url: urlField(
    'https://discord.com/api/webhooks/123/abc',
    'URL of a webhook: settings of the channel, Integrations, Webhooks',
  ),
  allowPrivate: allowPrivateField,
});

/** Characters that Discord's Markdown may interpret. In links, they stay as they are. */
const MARKDOWN = /[\\*_~`|>#<@[\]()]/;
const escapeMarkdown = (character: string): string =>
  MARKDOWN.test(character) ? `\\${character}` : character;

/**
 * Executes a webhook of Discord with one embed: https://discord.com/developers/docs/resources/webhook#execute-webhook.
 * Limits: https://discord.com/developers/docs/resources/message#embed-object-embed-limits. No
 * mention in it notifies anybody. Webhooks of Discord have no idempotency key.
 */
export const discord = httpChannel({
  title: 'Discord',
  settings,
  secrets: ['url'],
  destination: [],
  render(notification, { url }) {
    const { at, severity, status } = notification;
    const message = messageOf(notification);
    // Discord answers once the message is stored, with an error if it could not be.
    const withWait = new URL(url);
    withWait.searchParams.set('wait', 'true');
    const links = plainText({ ...message, body: '' }, MAX_DESCRIPTION_CHARACTERS).trim();
    const body = fitText(message.body, MAX_DESCRIPTION_CHARACTERS - links.length - 2, {
      escapeWith: escapeMarkdown,
    });
    return jsonRequest(withWait.href, {
      embeds: [
        {
          title: fitText(message.headline, MAX_TITLE_CHARACTERS, { escapeWith: escapeMarkdown }),
          description: `${body}\n\n${links}`,
          color: COLORS[status === 'resolved' ? status : severity],
          timestamp: at,
        },
      ],
      allowed_mentions: { parse: [] },
    });
  },
});
