import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText, utf8Bytes } from './fit-text.ts';
import { messageOf } from './message.ts';
import { allowPrivateField, urlField } from './settings-fields.ts';

/** A message may have about 28 KB in all: JSON escapes, card and links need some of it. */
const MAX_BODY_BYTES = 8000;
const MAX_TITLE_BYTES = 600;
/** Each line is an element of the card. */
const MAX_LINES = 40;

const settings = z.strictObject({
  type: z.literal('teams'),
  url: urlField(
    'https://example.westeurope.logic.azure.com/workflows/…/triggers/manual/paths/invoke?…',
    'URL of a workflow: Workflows, "Send webhook alerts to a channel"',
  ),
  allowPrivate: allowPrivateField,
});

/** Shows a text as it is: runs, unlike text blocks, do not interpret Markdown. */
const textOf = (text: string, style: object = {}) => ({
  type: 'RichTextBlock',
  inlines: [{ type: 'TextRun', text, ...style }],
});

/**
 * Posts an Adaptive Card to a workflow of Microsoft Teams (Power Automate), which replaced incoming
 * webhooks: https://learn.microsoft.com/connectors/teams/#microsoft-teams-webhook. Cards:
 * https://learn.microsoft.com/adaptive-cards/schema-explorer/text-run. Workflows have no
 * idempotency key.
 */
export const teams = httpChannel({
  title: 'Microsoft Teams',
  settings,
  secrets: ['url'],
  destination: [],
  render(notification, { url }) {
    const { severity, status } = notification;
    const { headline, body, links } = messageOf(notification);
    const color = status === 'resolved' ? 'Good' : severity === 'crit' ? 'Attention' : 'Warning';
    const title = fitText(headline, MAX_TITLE_BYTES, { size: utf8Bytes });
    const content = {
      $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
      type: 'AdaptiveCard',
      version: '1.2',
      body: [
        textOf(title, { weight: 'Bolder', size: 'Medium', color }),
        ...fitText(body, MAX_BODY_BYTES, { size: utf8Bytes })
          .split('\n', MAX_LINES)
          .map((line) => textOf(line)),
      ],
      actions: links.map((link) => ({ type: 'Action.OpenUrl', title: link.text, url: link.url })),
      msteams: { width: 'Full' },
    };
    return jsonRequest(url, {
      type: 'message',
      attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', contentUrl: null, content }],
    });
  },
});
