import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { allowPrivateField, serverField, textField } from './settings-fields.ts';

/** Gotify states no limits. These keep a message readable on a phone. */
const MAX_TITLE_CHARACTERS = 250;
const MAX_MESSAGE_CHARACTERS = 4096;

const settings = z.strictObject({
  type: z.literal('gotify'),
  server: serverField('https://gotify.example.org', 'URL of the server'),
  token: textField('Token of an application', {
    what: 'the token of an application (tab Apps), such as AbCdEf123456789',
  }),
  allowPrivate: allowPrivateField,
});

/**
 * Creates a message: https://gotify.net/docs/pushmsg. It is plain text, the default of
 * https://gotify.net/docs/msgextras. Gotify has no idempotency key.
 */
export const gotify = httpChannel({
  title: 'Gotify',
  settings,
  secrets: ['token'],
  destination: ['server'],
  render(notification, { server, token }) {
    const { severity, status, url } = notification;
    const message = messageOf(notification);
    return jsonRequest(
      `${server}/message`,
      {
        title: fitText(message.headline, MAX_TITLE_CHARACTERS),
        message: plainText(message, MAX_MESSAGE_CHARACTERS),
        // From 8 on, phones ring; from 4 on, they show a notification.
        priority: status === 'resolved' ? 4 : severity === 'crit' ? 8 : 5,
        extras: { 'client::notification': { click: { url } } },
      },
      { 'x-gotify-key': token },
    );
  },
});
