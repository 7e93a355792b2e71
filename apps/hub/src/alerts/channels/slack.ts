import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf } from './message.ts';
import { allowPrivateField, urlField } from './settings-fields.ts';

const MAX_HEADER_CHARACTERS = 150;
const MAX_SECTION_CHARACTERS = 3000;

const settings = z.strictObject({
  type: z.literal('slack'),
  url: urlField(
    'https://hooks.slack.com/services/T0000/B0000/XXXX',
    'URL of an incoming webhook of Slack, or of a server that accepts the same messages',
  ),
  allowPrivate: allowPrivateField,
});

/**
 * Escapes the three control characters of Slack's texts. Nothing else forms a link or a mention:
 * https://docs.slack.dev/messaging/formatting-message-text#escaping.
 */
const escapeControl = (character: string): string =>
  ({ '&': '&amp;', '<': '&lt;', '>': '&gt;' })[character] ?? character;

/** A bar ends the URL of a link. */
const escapeInLink = (character: string): string => (character === '|' ? '%7C' : escapeControl(character));

/**
 * Posts to an incoming webhook of Slack, in blocks: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks.
 * Limits: https://docs.slack.dev/reference/block-kit/blocks. Slack has no idempotency key.
 */
export const slack = httpChannel({
  title: 'Slack',
  settings,
  secrets: ['url'],
  destination: [],
  render(notification, { url }) {
    const { headline, body, links } = messageOf(notification);
    const plain = (text: string, max: number) => ({
      type: 'plain_text',
      text: fitText(text, max, { escapeWith: escapeControl }),
      emoji: false,
    });
    const linkTexts = links.map((link) => `<${Array.from(link.url, escapeInLink).join('')}|${link.text}>`);
    return jsonRequest(url, {
      // Shown in notifications of the system, and read aloud.
      text: fitText(headline, MAX_SECTION_CHARACTERS, { escapeWith: escapeControl }),
      unfurl_links: false,
      unfurl_media: false,
      blocks: [
        { type: 'header', text: plain(headline, MAX_HEADER_CHARACTERS) },
        { type: 'section', text: plain(body, MAX_SECTION_CHARACTERS) },
        ...linkTexts.map((text) => ({
          type: 'context',
          elements: [{ type: 'mrkdwn', text, verbatim: true }],
        })),
      ],
    });
  },
});
