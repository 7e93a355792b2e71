import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import type { Notification } from '@booner/protocol';
import { type MailServerOptions, mailRefusal, type ReceivedMail, startMailServer } from '@booner/testkit';
import { expect, test } from 'vitest';
import { channelSettingsSchema, sendNotification } from './channels.ts';
import {
  EXAMPLE_NOTIFICATION,
  HOSTILE_NOTIFICATION,
  RESOLVED_NOTIFICATION,
} from './testing/example-notification.ts';

/** A mail server whose CA this process trusts meanwhile. */
async function startTrustedServer(options: MailServerOptions = {}) {
  await using stack = new AsyncDisposableStack();
  const server = stack.use(await startMailServer(options));
  const before = getCACertificates('default');
  stack.defer(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, server.ca]);
  const owned = stack.move();
  return { ...server, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

const settings = (port: number, more: object = {}) =>
  channelSettingsSchema.parse({
    type: 'email',
    host: 'localhost',
    port,
    user: 'booner',
    password: 's3cr3t-w0rd',
    from: 'booner@example.org',
    to: ['ops@example.org', 'night@example.org'],
    allowPrivate: true,
    ...more,
  });

const send = (
  port: number,
  {
    notification = EXAMPLE_NOTIFICATION,
    ...more
  }: { notification?: Notification; [field: string]: unknown } = {},
) =>
  sendNotification(notification, settings(port, more), {
    version: '1',
    signal: new AbortController().signal,
  });

/** Headers of a mail, unfolded. */
const headersOf = ({ text }: ReceivedMail): string =>
  text.slice(0, text.indexOf('\r\n\r\n')).replaceAll(/\r\n[ \t]+/g, ' ');

test('a mail arrives over STARTTLS, as text and as HTML', async () => {
  await using server = await startTrustedServer();
  const outcome = await send(server.port);
  expect(outcome).toMatchObject({ type: 'delivered', answer: expect.stringMatching(/^250 /) });
  expect(server.received).toHaveLength(1);
  const [mail] = server.received;
  expect(mail).toMatchObject({ isEncrypted: true, to: ['ops@example.org', 'night@example.org'] });
  const headers = headersOf(mail!);
  expect(headers).toContain('From: Booner <booner@example.org>');
  expect(headers).toContain('Subject: [crit] Disk usage on db-1');
  expect(headers).toContain('Date: Mon, 30 Nov 2026 14:05:00 +0000');
  expect(headers).toContain('Auto-Submitted: auto-generated');
  expect(headers).toContain('Content-Type: multipart/alternative');
  expect(mail?.text).toContain('Content-Type: text/plain');
  expect(mail?.text).toContain('Content-Type: text/html');
});

test('messages of an episode form a thread, and attempts have the same Message-ID', async () => {
  await using server = await startTrustedServer();
  await send(server.port);
  await send(server.port);
  await send(server.port, { notification: RESOLVED_NOTIFICATION });
  const ids = server.received.map((mail) => /^Message-ID: (.*)$/m.exec(headersOf(mail))?.[1]?.trim());
  expect(ids).toEqual(['<n-1@example.org>', '<n-1@example.org>', '<n-2@example.org>']);
  for (const mail of server.received) {
    expect(headersOf(mail)).toContain('References: <episode.e-1@example.org>');
    expect(headersOf(mail)).toContain('In-Reply-To: <episode.e-1@example.org>');
  }
});

test('a mail over TLS from the start arrives too', async () => {
  await using server = await startTrustedServer({ secure: true });
  expect(await send(server.port, { tls: 'implicit' })).toMatchObject({ type: 'delivered' });
  expect(server.received[0]?.isEncrypted).toBe(true);
});

test('without STARTTLS nothing is sent, unless the settings say so', async () => {
  await using server = await startTrustedServer({ disabledCommands: ['STARTTLS'], allowInsecureAuth: true });
  const outcome = await send(server.port);
  expect(outcome).toMatchObject({ type: 'rejected', answer: expect.stringContaining('set tls to implicit') });
  expect(server.received).toEqual([]);
  expect(await send(server.port, { tls: 'none' })).toMatchObject({ type: 'delivered' });
  expect(server.received[0]?.isEncrypted).toBe(false);
});

test('a certificate that is not for the host is to be retried, with the reason', async () => {
  await using server = await startTrustedServer();
  const outcome = await sendNotification(
    EXAMPLE_NOTIFICATION,
    settings(server.port, { host: 'mail.example.org' }),
    {
      version: '1',
      signal: new AbortController().signal,
      resolve: async () => [{ address: '127.0.0.1', family: 4 }],
    },
  );
  expect(outcome).toMatchObject({ type: 'retry', answer: expect.stringContaining('does not match') });
  expect(server.received).toEqual([]);
});

test('a wrong password is rejected, and not repeated in the outcome', async () => {
  await using server = await startTrustedServer();
  const outcome = await send(server.port, { password: 'wr0ng-w0rd' });
  expect(outcome.type).toBe('rejected');
  expect(outcome.answer).toContain('535');
  expect(outcome.answer).toContain('[redacted]');
  expect(outcome.answer).not.toContain('wr0ng');
});

test.each([
  [451, 'retry'],
  [452, 'retry'],
  [550, 'rejected'],
  [554, 'rejected'],
])('a reply %d to the recipients is %s', async (code, type) => {
  await using server = await startTrustedServer({
    onRcptTo: (_address, _session, callback) => callback(mailRefusal(code, 'not now')),
  });
  const outcome = await send(server.port);
  expect(outcome.type).toBe(type);
  expect(outcome.answer).toContain(String(code));
});

test('a message that one of two recipients gets is delivered, and names the other', async () => {
  await using server = await startTrustedServer({
    onRcptTo: ({ address }, _session, callback) =>
      callback(address.startsWith('night') ? mailRefusal(550, 'no such user') : null),
  });
  const outcome = await send(server.port);
  expect(outcome.type).toBe('delivered');
  expect(outcome.answer).toContain('refused for night@example.org');
});

test('a message that the server refuses is rejected or retried as it says', async () => {
  for (const [code, type] of [
    [421, 'retry'],
    [552, 'rejected'],
  ] as const) {
    await using server = await startTrustedServer({
      onData(stream, _session, callback) {
        stream.resume();
        stream.on('end', () => callback(mailRefusal(code, 'no')));
      },
    });
    expect(await send(server.port)).toMatchObject({ type });
  }
});

test('a server that hangs is to be retried', async () => {
  await using server = await startTrustedServer({ onConnect: () => {} });
  expect(await send(server.port)).toEqual({
    type: 'retry',
    answer: 'no reply within 20 s',
    retryAfterMs: null,
  });
});

test('a server that is away is to be retried', async () => {
  const server = await startTrustedServer();
  await server[Symbol.asyncDispose]();
  const outcome = await send(server.port);
  expect(outcome).toMatchObject({ type: 'retry', answer: expect.stringContaining('ECONNREFUSED') });
});

test('a server in a private network is refused unless the channel allows it', async () => {
  await using server = await startTrustedServer();
  const outcome = await send(server.port, { allowPrivate: false });
  expect(outcome).toMatchObject({ type: 'rejected', answer: expect.stringContaining('set allowPrivate') });
  expect(server.received).toEqual([]);
});

test('hostile text adds no header, no recipient and no markup', async () => {
  await using server = await startTrustedServer();
  const title = 'Disk\r\nBcc: evil@example.org\r\n\r\n<img src=x>';
  await send(server.port, { notification: { ...HOSTILE_NOTIFICATION, title } });
  const [mail] = server.received;
  expect(mail?.to).toEqual(['ops@example.org', 'night@example.org']);
  expect(headersOf(mail!)).not.toMatch(/^Bcc:/m);
  expect(headersOf(mail!)).toMatch(/^Subject: \[crit\] Disk.*Bcc: evil/m);
  const html = mail!.text.slice(mail!.text.indexOf('text/html')).replaceAll('=\r\n', '');
  expect(html).not.toMatch(/<(script|img)/);
});
