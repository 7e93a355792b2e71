import type { Notification } from '@booner/protocol';
import { z } from 'zod';
import type { Channel } from './channel.ts';
import { htmlText } from './escapes.ts';
import { fitText } from './fit-text.ts';
import { type Message, messageOf, plainText } from './message.ts';
import { type Mail, sendMail } from './send-mail.ts';
import { allowPrivateField, textField } from './settings-fields.ts';

/** Subjects are shown in one line. */
const MAX_SUBJECT_CHARACTERS = 200;
const MAX_BODY_CHARACTERS = 20_000;
const MAX_RECIPIENTS = 50;
const COLORS = { resolved: '#1f7a45', warn: '#9a6700', crit: '#b42318' } as const;

const addressField = (example: string) => z.email(`must be an e-mail address, such as ${example}`);

const settings = z.strictObject({
  type: z.literal('email'),
  host: textField('Mail server', {
    what: 'a host name or an IP address, such as smtp.example.org',
    pattern: /^[A-Za-z0-9._:-]{1,253}$/,
  }),
  port: z
    .int({ error: 'must be a port, such as 587' })
    .min(1, 'must be a port, such as 587')
    .max(65_535, 'must be a port, such as 587')
    .default(587)
    .describe('Port: usually 587 with STARTTLS, and 465 with TLS from the start'),
  tls: z
    .enum(['starttls', 'implicit', 'none'], { error: 'must be starttls, implicit or none' })
    .default('starttls')
    .describe('starttls and implicit require TLS; none sends everything, the password too, in clear'),
  user: textField('User at the mail server', {
    what: 'the name of a user, such as booner@example.org',
    pattern: /^\P{Cc}{1,320}$/u,
  }).optional(),
  password: textField('Password of the user', {
    what: 'a password of 1 to 500 characters',
    pattern: /^\P{Cc}{1,500}$/u,
  }).optional(),
  from: addressField('booner@example.org').describe('Address of the sender'),
  to: z
    .array(addressField('ops@example.org'), { error: 'must be a list such as ["ops@example.org"]' })
    .min(1, 'must name at least one recipient, such as ["ops@example.org"]')
    .max(MAX_RECIPIENTS, `must name at most ${MAX_RECIPIENTS} recipients: use an address of a list`)
    .describe('Recipients'),
  allowPrivate: allowPrivateField,
});

/**
 * Sends e-mail through a mail server (RFC 6409). Messages of an episode form one thread: they refer
 * to a message that was never sent and stands for the episode. `Message-ID` is the same for all
 * attempts, so mail programs that drop duplicates can do so.
 */
export const email: Channel<typeof settings, Mail> = {
  title: 'E-mail',
  settings,
  secrets: ['password'],
  destination: ['host', 'port', 'tls'],
  opensIncidents: false,
  render(notification, { from, to }) {
    const { at, episode, id, severity, status } = notification;
    const domain = from.slice(from.lastIndexOf('@') + 1);
    const thread = `<episode.${episode}@${domain}>`;
    const message = messageOf(notification);
    return {
      from: { name: 'Booner', address: from },
      to: [...to],
      subject: fitText(message.headline, MAX_SUBJECT_CHARACTERS),
      date: new Date(at),
      messageId: `<${id}@${domain}>`,
      inReplyTo: thread,
      references: thread,
      ...(severity === 'crit' && status === 'firing' ? { priority: 'high' as const } : {}),
      // Keeps vacation responders quiet: RFC 3834, and Exchange.
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
      text: `${message.headline}\n\n${plainText(message, MAX_BODY_CHARACTERS)}\n`,
      html: htmlOf(message, notification),
    };
  },
  send: (notification, channel, deps) => sendMail(email.render(notification, channel), channel, deps),
};

/** A page without styles of its own, images or scripts, since mail programs remove them. */
function htmlOf({ headline, body, links }: Message, { severity, status }: Notification): string {
  const color = COLORS[status === 'resolved' ? status : severity];
  const lines = htmlText(fitText(body, MAX_BODY_CHARACTERS)).replaceAll('\n', '<br>\n');
  const anchors = links.map(({ text, url }) => `<a href="${htmlText(url)}">${htmlText(text)}</a>`);
  return [
    '<!doctype html>',
    '<div style="font-family: system-ui, sans-serif; font-size: 15px; line-height: 1.5">',
    `<p style="font-weight: 600; color: ${color}">${htmlText(headline)}</p>`,
    `<p>${lines}</p>`,
    `<p>${anchors.join(' &middot; ')}</p>`,
    '</div>',
  ].join('\n');
}
