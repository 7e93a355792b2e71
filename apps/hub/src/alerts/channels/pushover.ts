import { z } from 'zod';
import { httpChannel, jsonRequest } from './channel.ts';
import { fitText } from './fit-text.ts';
import { messageOf, plainText } from './message.ts';
import { textField } from './settings-fields.ts';

const MAX_TITLE_CHARACTERS = 250;
const MAX_MESSAGE_CHARACTERS = 1024;
const MAX_URL_CHARACTERS = 512;
/** An emergency repeats each minute for an hour, until somebody acknowledges it on a phone. */
const EMERGENCY = { priority: 2, retry: 60, expire: 3600 } as const;

const settings = z.strictObject({
  type: z.literal('pushover'),
  token: textField('API token of the application', {
    what: 'the API token of an application: 30 letters and digits',
    pattern: /^[A-Za-z0-9]{30}$/,
  }),
  user: textField('Key of the user or group', {
    what: 'the key of a user or group: 30 letters and digits',
    pattern: /^[A-Za-z0-9]{30}$/,
  }),
  device: textField('Device; default: all', {
    what: 'the name of a device, such as my-phone',
    pattern: /^[\w-]{1,25}$/,
  }).optional(),
  emergency: z
    .boolean({ error: 'must be true or false' })
    .default(false)
    .describe('Repeats critical alerts each minute for an hour, until somebody acknowledges them'),
});

/** Sends a message: https://pushover.net/api. Pushover has no idempotency key. */
export const pushover = httpChannel({
  title: 'Pushover',
  settings,
  secrets: ['token', 'user'],
  destination: [],
  render(notification, { token, user, device, emergency }) {
    const { at, kind, severity, status, url } = notification;
    const message = messageOf(notification);
    const [dashboard, ...otherLinks] = message.links;
    const fits = url.length <= MAX_URL_CHARACTERS;
    const shown = { ...message, links: fits ? otherLinks : message.links };
    const priority = status !== 'resolved' && severity === 'crit' ? 1 : 0;
    return jsonRequest('https://api.pushover.net/1/messages.json', {
      token,
      user,
      ...(device === undefined ? {} : { device }),
      title: fitText(message.headline, MAX_TITLE_CHARACTERS),
      message: plainText(shown, MAX_MESSAGE_CHARACTERS),
      timestamp: Math.floor(Date.parse(at) / 1000),
      ...(emergency && priority === 1 && kind === 'firing' ? EMERGENCY : { priority }),
      ...(fits ? { url, url_title: dashboard?.text } : {}),
    });
  },
});
