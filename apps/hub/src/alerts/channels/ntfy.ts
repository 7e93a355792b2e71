import { z } from 'zod';
import { authorizationOf, httpChannel, jsonRequest } from './channel.ts';
import { fitText, utf8Bytes } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { allowPrivateField, serverField, textField } from './settings-fields.ts';
import { shortKey } from './short-key.ts';

/** ntfy turns longer messages into an attachment. */
const MAX_MESSAGE_BYTES = 4096;
const MAX_TITLE_BYTES = 250;

const settings = z.strictObject({
  type: z.literal('ntfy'),
  server: serverField('https://ntfy.sh', 'URL of the server').default('https://ntfy.sh'),
  topic: textField('Topic: on a public server, whoever knows it can read it', {
    what: 'a topic of 1 to 64 letters, digits, dashes and underscores, such as ops-4f7a2c',
    pattern: /^[\w-]{1,64}$/,
  }),
  token: textField('Access token, if the topic is protected', {
    what: 'an access token, such as tk_AgQdq7mVBoFD37zQVN29RhuMzNIz2',
  }).optional(),
  allowPrivate: allowPrivateField,
});

/**
 * Publishes a message as JSON: https://docs.ntfy.sh/publish/#publish-as-json. From version 2.16 on,
 * a second message with the same `sequence_id` replaces the first:
 * https://docs.ntfy.sh/publish/#updating-deleting-notifications.
 */
export const ntfy = httpChannel({
  title: 'ntfy',
  settings,
  secrets: ['topic', 'token'],
  destination: ['server'],
  render(notification, { server, topic, token }) {
    const { id, severity, status, url } = notification;
    const message = messageOf(notification);
    return jsonRequest(
      server,
      {
        topic,
        title: fitText(message.headline, MAX_TITLE_BYTES, { size: utf8Bytes }),
        message: plainText(message, MAX_MESSAGE_BYTES, { size: utf8Bytes }),
        priority: status === 'resolved' ? 3 : severity === 'crit' ? 5 : 4,
        tags: [
          status === 'resolved' ? 'white_check_mark' : severity === 'crit' ? 'rotating_light' : 'warning',
        ],
        click: url,
        sequence_id: shortKey(id),
      },
      authorizationOf(token === undefined ? undefined : `Bearer ${token}`),
    );
  },
});
