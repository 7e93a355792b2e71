import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { escapeHtml, htmlText } from './escapes.ts';
import { fitText, utf8Bytes } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { allowPrivateField, serverField, textField } from './settings-fields.ts';

/** An event may have 65,536 bytes in all: two bodies, in which a line break takes up to 4. */
const MAX_BODY_BYTES = 6000;

const settings = z.strictObject({
  type: z.literal('matrix'),
  server: serverField('https://matrix.example.org', 'URL of the homeserver'),
  roomId: textField('Room that the account has joined', {
    what: 'the internal id of a room (settings of the room, Advanced), such as !abc123:example.org',
    pattern: /^![!-~]{1,254}$/,
  }),
  accessToken: textField('Access token of the account', { what: 'an access token, such as syt_abc123' }),
  allowPrivate: allowPrivateField,
});

/**
 * Sends a message to a room. The transaction id is the notification's, so the server drops a second
 * one: https://spec.matrix.org/latest/client-server-api/#put_matrixclientv3roomsroomidsendeventtypetxnid.
 * `m.mentions` is empty, so no name in the text notifies anybody.
 */
export const matrix = httpChannel({
  title: 'Matrix',
  settings,
  secrets: ['accessToken'],
  destination: ['server'],
  render(notification, { server, roomId, accessToken }) {
    const message = messageOf(notification);
    const inRoom = `${server}/_matrix/client/v3/rooms/${encodeURIComponent(roomId)}`;
    const url = `${inRoom}/send/m.room.message/${encodeURIComponent(notification.id)}`;
    const htmlBody = fitText(message.body, MAX_BODY_BYTES, { escapeWith: escapeHtml, size: utf8Bytes });
    const htmlLinks = message.links.map((link) => `<a href="${htmlText(link.url)}">${link.text}</a>`);
    const content = {
      msgtype: 'm.text',
      body: `${message.headline}\n${plainText(message, MAX_BODY_BYTES, { size: utf8Bytes })}`,
      format: 'org.matrix.custom.html',
      formatted_body: [
        `<strong>${htmlText(message.headline)}</strong>`,
        htmlBody.replaceAll('\n', '<br>'),
        htmlLinks.join(' · '),
      ].join('<br>'),
      'm.mentions': {},
    };
    return { ...jsonRequest(url, content, { authorization: `Bearer ${accessToken}` }), method: 'PUT' };
  },
});
