import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { escapeHtml } from './escapes.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { textField } from './settings-fields.ts';

/** The limit of 4096 counts characters after the entities are parsed, so this stays below it. */
const MAX_TEXT_CHARACTERS = 4096;
const MAX_TITLE_CHARACTERS = 400;

const settings = z.strictObject({
  type: z.literal('telegram'),
  token: textField('Token of the bot', {
    what: 'the token that @BotFather gave you, such as 123456:ABC-DEF1234ghIkl-zyx57W2v1u123ew11',
    pattern: /^\d{1,20}:[\w-]{20,100}$/,
  }),
  chatId: textField('Chat that the bot writes to', {
    what: 'the id of a chat, such as -1001234567890, or the name of a public channel, such as @ops',
    pattern: /^(-?\d{1,20}|@\w{1,64})$/,
  }),
  threadId: z
    .int({ error: 'must be the number of a topic, such as 42' })
    .positive('must be the number of a topic, such as 42')
    .optional()
    .describe('Topic of a forum'),
});

/**
 * Sends a message by a bot: https://core.telegram.org/bots/api#sendmessage, in HTML style:
 * https://core.telegram.org/bots/api#html-style. Telegram has no idempotency key.
 */
export const telegram = httpChannel({
  title: 'Telegram',
  settings,
  secrets: ['token'],
  destination: [],
  render(notification, { token, chatId, threadId }) {
    const message = messageOf(notification);
    const title = `<b>${fitText(message.headline, MAX_TITLE_CHARACTERS, { escapeWith: escapeHtml })}</b>\n`;
    return jsonRequest(`https://api.telegram.org/bot${token}/sendMessage`, {
      chat_id: chatId,
      ...(threadId === undefined ? {} : { message_thread_id: threadId }),
      text: `${title}${plainText(message, MAX_TEXT_CHARACTERS - title.length, { escapeWith: escapeHtml })}`,
      parse_mode: 'HTML',
      link_preview_options: { is_disabled: true },
    });
  },
});
