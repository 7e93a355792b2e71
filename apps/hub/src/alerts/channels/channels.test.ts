import { createHmac } from 'node:crypto';
import { channelTypeSchema, type Notification } from '@booner/protocol';
import { expect, test } from 'vitest';
import { type ChannelSettings, channelOf, channelSettingsSchema, describeChannels } from './channels.ts';
import { utf8Bytes } from './fit-text.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import {
  EXAMPLE_NOTIFICATION,
  HOSTILE_NOTIFICATION,
  RESOLVED_NOTIFICATION,
} from './testing/example-notification.ts';
import { EXAMPLE_SETTINGS } from './testing/example-settings.ts';

type Type = keyof typeof EXAMPLE_SETTINGS;
const LINE = '• db-1 (10.0.0.2): 93 % (over 90 %), since 2026-11-30 14:02 UTC ▂▃▅▇';
const TEXT = 'The disk /var is filling up.';
const URL_OF_TARGET = 'https://hub.example.org/targets/10.0.0.2?at=1';
const LINKS = [
  `Open in Booner: ${URL_OF_TARGET}`,
  'Acknowledge: https://hub.example.org/ack/abc',
  'Runbook: https://wiki.example.org/disk',
].join('\n');
const PLAIN = `${LINE}\n${TEXT}\n\n${LINKS}`;
/** Begins no entity that escaping made. */
const LONE_AMPERSAND = /&(?!(amp|lt|gt|quot|#39);)/;
const HEADLINE = '[crit] Disk usage on db-1';

/** The request of a channel, its JSON body parsed. */
function rendered(type: Type, notification: Notification = EXAMPLE_NOTIFICATION, settings: object = {}) {
  const parsed = channelSettingsSchema.parse({ ...EXAMPLE_SETTINGS[type], ...settings });
  const request = channelOf(type).render(notification, parsed) as OutgoingRequest;
  return { ...request, body: JSON.parse(String(request.body)) };
}

test('a webhook posts the event with its idempotency key and the signature of the body', () => {
  const settings = channelSettingsSchema.parse(EXAMPLE_SETTINGS.webhook);
  const { url, headers, body } = channelOf('webhook').render(
    EXAMPLE_NOTIFICATION,
    settings,
  ) as OutgoingRequest;
  expect(url).toBe('https://example.org/hook');
  expect(headers).toEqual({
    'content-type': 'application/json',
    'idempotency-key': 'n-1',
    'x-booner-signature': `sha256=${createHmac('sha256', '0123456789').update(body).digest('hex')}`,
  });
  expect(JSON.parse(String(body))).toEqual({
    id: 'n-1',
    episode: 'e-1',
    kind: 'firing',
    rule: 'disk',
    severity: 'crit',
    status: 'firing',
    targets: [
      {
        host: '10.0.0.2',
        labels: { role: 'db', 'app.kind': 'postgres' },
        value: 93.4,
        since: '2026-11-30T14:02:00.000Z',
      },
    ],
    title: 'Disk usage on db-1',
    text: TEXT,
    url: URL_OF_TARGET,
  });
});

test('a webhook without a secret has no signature, and may have an authorization', () => {
  const { headers } = rendered('webhook', EXAMPLE_NOTIFICATION, {
    secret: undefined,
    authorization: 'Bearer abc',
  });
  expect(headers).not.toHaveProperty('x-booner-signature');
  expect(headers.authorization).toBe('Bearer abc');
});

test('Slack gets blocks of plain text, and links', () => {
  const { url, body } = rendered('slack');
  expect(url).toBe(EXAMPLE_SETTINGS.slack.url);
  expect(body.text).toBe(HEADLINE);
  expect(body.blocks.slice(0, 2)).toEqual([
    { type: 'header', text: { type: 'plain_text', text: HEADLINE, emoji: false } },
    { type: 'section', text: { type: 'plain_text', text: `${LINE}\n${TEXT}`, emoji: false } },
  ]);
  expect(body.blocks[2]).toEqual({
    type: 'context',
    elements: [{ type: 'mrkdwn', text: `<${URL_OF_TARGET}|Open in Booner>`, verbatim: true }],
  });
});

test('Discord gets an embed that mentions nobody', () => {
  const { url, body } = rendered('discord');
  expect(url).toBe('https://discord.com/api/webhooks/1/abcdefgh?wait=true');
  expect(body).toEqual({
    embeds: [
      {
        title: '\\[crit\\] Disk usage on db-1',
        description: `${LINE.replaceAll(/[()]/g, '\\$&')}\n${TEXT}\n\n${LINKS}`,
        color: 0xd13438,
        timestamp: '2026-11-30T14:05:00.000Z',
      },
    ],
    allowed_mentions: { parse: [] },
  });
});

test('Teams gets an Adaptive Card', () => {
  const { body } = rendered('teams');
  const { contentType, content } = body.attachments[0];
  expect([body.type, contentType]).toEqual(['message', 'application/vnd.microsoft.card.adaptive']);
  expect(content).toMatchObject({ type: 'AdaptiveCard', version: '1.2' });
  expect(content.body).toEqual([
    {
      type: 'RichTextBlock',
      inlines: [{ type: 'TextRun', text: HEADLINE, weight: 'Bolder', size: 'Medium', color: 'Attention' }],
    },
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: LINE }] },
    { type: 'RichTextBlock', inlines: [{ type: 'TextRun', text: TEXT }] },
  ]);
  expect(content.actions[0]).toEqual({ type: 'Action.OpenUrl', title: 'Open in Booner', url: URL_OF_TARGET });
});

test('Telegram gets HTML without a preview', () => {
  const { url, body } = rendered('telegram', EXAMPLE_NOTIFICATION, { threadId: 42 });
  expect(url).toBe(`https://api.telegram.org/bot${EXAMPLE_SETTINGS.telegram.token}/sendMessage`);
  expect(body).toEqual({
    chat_id: '-100123',
    message_thread_id: 42,
    text: `<b>${HEADLINE}</b>\n${PLAIN}`,
    parse_mode: 'HTML',
    link_preview_options: { is_disabled: true },
  });
});

test('ntfy gets JSON whose sequence_id is the same for all attempts', () => {
  const { url, headers, body } = rendered('ntfy', EXAMPLE_NOTIFICATION, { token: 'tk_abc' });
  expect(url).toBe('https://ntfy.sh');
  expect(headers.authorization).toBe('Bearer tk_abc');
  expect(body).toEqual({
    topic: 'ops-4f7a2c',
    title: HEADLINE,
    message: PLAIN,
    priority: 5,
    tags: ['rotating_light'],
    click: URL_OF_TARGET,
    sequence_id: expect.stringMatching(/^[\w-]{32}$/),
  });
  expect(rendered('ntfy').body.sequence_id).toBe(body.sequence_id);
  expect(rendered('ntfy', RESOLVED_NOTIFICATION).body.sequence_id).not.toBe(body.sequence_id);
});

test('Gotify gets plain text that opens the target', () => {
  const { url, headers, body } = rendered('gotify');
  expect(url).toBe('https://gotify.example.org/sub/message');
  expect(headers['x-gotify-key']).toBe('AbCdEf123456789');
  expect(body).toEqual({
    title: HEADLINE,
    message: PLAIN,
    priority: 8,
    extras: { 'client::notification': { click: { url: URL_OF_TARGET } } },
  });
});

test('Pushover gets the link to the target as supplementary URL', () => {
  const { body } = rendered('pushover');
  expect(body).toEqual({
    token: 'a'.repeat(30),
    user: 'u'.repeat(30),
    title: HEADLINE,
    message: PLAIN.replace(`Open in Booner: ${URL_OF_TARGET}\n`, ''),
    timestamp: 1_796_047_500,
    priority: 1,
    url: URL_OF_TARGET,
    url_title: 'Open in Booner',
  });
});

test('a Pushover emergency repeats until somebody acknowledges it, but a reminder starts no second one', () => {
  const emergency = { emergency: true };
  expect(rendered('pushover', EXAMPLE_NOTIFICATION, emergency).body).toMatchObject({
    priority: 2,
    retry: 60,
    expire: 3600,
  });
  const reminder: Notification = { ...EXAMPLE_NOTIFICATION, kind: 'reminder' };
  expect(rendered('pushover', reminder, emergency).body.priority).toBe(1);
  expect(rendered('pushover', RESOLVED_NOTIFICATION, emergency).body.priority).toBe(0);
});

test('Matrix gets an event whose transaction id is the id of the notification', () => {
  const { method, url, headers, body } = rendered('matrix');
  expect(method).toBe('PUT');
  expect(url).toBe(
    'https://matrix.example.org/_matrix/client/v3/rooms/!a%3Aexample.org/send/m.room.message/n-1',
  );
  expect(headers.authorization).toBe('Bearer syt_abc');
  expect(body).toEqual({
    msgtype: 'm.text',
    body: `${HEADLINE}\n${PLAIN}`,
    format: 'org.matrix.custom.html',
    formatted_body: [
      `<strong>${HEADLINE}</strong>`,
      LINE,
      TEXT,
      `<a href="${URL_OF_TARGET}">Open in Booner</a> · <a href="https://hub.example.org/ack/abc">Acknowledge</a> · <a href="https://wiki.example.org/disk">Runbook</a>`,
    ].join('<br>'),
    'm.mentions': {},
  });
});

test('PagerDuty opens and resolves an incident per episode', () => {
  const { url, body } = rendered('pagerduty', EXAMPLE_NOTIFICATION, { region: 'eu' });
  expect(url).toBe('https://events.eu.pagerduty.com/v2/enqueue');
  expect(body).toEqual({
    routing_key: 'r'.repeat(32),
    dedup_key: 'e-1',
    event_action: 'trigger',
    payload: {
      summary: 'Disk usage on db-1',
      source: 'db-1',
      severity: 'critical',
      timestamp: '2026-11-30T14:05:00.000Z',
      class: 'disk',
      custom_details: { details: `${LINE}\n${TEXT}` },
    },
    links: [
      { href: URL_OF_TARGET, text: 'Open in Booner' },
      { href: 'https://hub.example.org/ack/abc', text: 'Acknowledge' },
      { href: 'https://wiki.example.org/disk', text: 'Runbook' },
    ],
    client: 'Booner',
    client_url: URL_OF_TARGET,
  });
  expect(rendered('pagerduty', RESOLVED_NOTIFICATION).body).toEqual({
    routing_key: 'r'.repeat(32),
    dedup_key: 'e-1',
    event_action: 'resolve',
  });
});

test('Opsgenie creates and closes an alert per episode', () => {
  const { url, headers, body } = rendered('opsgenie');
  expect(url).toBe('https://api.opsgenie.com/v2/alerts');
  expect(headers.authorization).toBe('GenieKey eb243592-faa2-4ba2');
  expect(body).toEqual({
    message: 'Disk usage on db-1',
    alias: 'e-1',
    description: PLAIN,
    entity: 'db-1',
    details: { rule: 'disk', url: URL_OF_TARGET },
    priority: 'P1',
    source: 'Booner',
  });
  expect(rendered('opsgenie', RESOLVED_NOTIFICATION)).toMatchObject({
    url: 'https://api.opsgenie.com/v2/alerts/e-1/close?identifierType=alias',
    body: { source: 'Booner' },
  });
});

test('Alertmanager gets an alert per target, which ends when the episode does', () => {
  const { url, body } = rendered('alertmanager');
  expect(url).toBe('http://alertmanager.example.org:9093/api/v2/alerts');
  expect(body).toEqual([
    {
      labels: {
        role: 'db',
        app_kind: 'postgres',
        alertname: 'disk',
        instance: '10.0.0.2',
        severity: 'critical',
      },
      annotations: {
        summary: 'Disk usage on db-1',
        description: TEXT,
        value: '93 %',
        threshold: 'over 90 %',
        runbook_url: 'https://wiki.example.org/disk',
      },
      startsAt: '2026-11-30T14:02:00.000Z',
      endsAt: '2026-12-07T14:05:00.000Z',
      generatorURL: URL_OF_TARGET,
    },
  ]);
  expect(rendered('alertmanager', RESOLVED_NOTIFICATION).body[0]).toMatchObject({
    labels: body[0].labels,
    endsAt: '2026-11-30T15:05:00.000Z',
  });
});

test('Apprise gets the title, the text and the type', () => {
  const { url, headers, body } = rendered('apprise', EXAMPLE_NOTIFICATION, { tag: 'devops' });
  expect(url).toBe('http://apprise.example.org:8000/notify/ops');
  expect(headers['x-apprise-id']).toBe('n-1');
  expect(body).toEqual({ title: HEADLINE, body: PLAIN, type: 'failure', format: 'text', tag: 'devops' });
});

test('hostile text is inert, and long text is cut, as each service wants it', () => {
  const of = (type: Type) => rendered(type, HOSTILE_NOTIFICATION).body;

  const [header, section, ...contexts] = of('slack').blocks;
  expect(header.text.text.length).toBeLessThanOrEqual(150);
  expect(section.text.text.length).toBeLessThanOrEqual(3000);
  expect(header.text.text + section.text.text).not.toMatch(/[<>]/);
  for (const { elements } of contexts) expect(elements[0].text).toMatch(/^<[^<>|]+\|[\w ]+>$/);

  const [embed] = of('discord').embeds;
  expect(embed.title.length).toBeLessThanOrEqual(256);
  expect(embed.description.length).toBeLessThanOrEqual(4096);
  expect(embed.title).not.toMatch(/(?<!\\)[*_`<@[]/);

  expect(utf8Bytes(JSON.stringify(of('teams')))).toBeLessThan(28_000);

  const { text } = of('telegram');
  expect(text.length).toBeLessThanOrEqual(4096);
  expect(text.match(/<[^>]*>/g)).toEqual(['<b>', '</b>']);

  expect(text).not.toMatch(LONE_AMPERSAND);

  expect(utf8Bytes(of('ntfy').message)).toBeLessThanOrEqual(4096);
  expect(of('pushover').message.length).toBeLessThanOrEqual(1024);
  expect(of('pushover').title.length).toBeLessThanOrEqual(250);
  expect(utf8Bytes(JSON.stringify(of('matrix')))).toBeLessThan(60_000);
  expect(new Set(of('matrix').formatted_body.match(/<\/?\w+/g))).toEqual(
    new Set(['<strong', '</strong', '<br', '<a', '</a']),
  );
  expect(of('matrix').formatted_body).not.toMatch(LONE_AMPERSAND);
  expect(of('opsgenie').message.length).toBeLessThanOrEqual(130);
  expect(of('opsgenie').description.length).toBeLessThanOrEqual(15_000);
  expect(of('pagerduty').payload.summary.length).toBeLessThanOrEqual(1024);
  expect(of('pagerduty').payload.source).toBe('40 targets');
  expect(of('alertmanager')).toHaveLength(12);
});

test('a text of line breaks alone does not make a message too large', () => {
  const notification: Notification = { ...EXAMPLE_NOTIFICATION, text: '\n'.repeat(10_000) };
  const bytesOf = (type: Type) => utf8Bytes(JSON.stringify(rendered(type, notification).body));
  expect(bytesOf('teams')).toBeLessThan(28_000);
  expect(bytesOf('matrix')).toBeLessThan(60_000);
});

test('each type has settings, a title and a description of each field', () => {
  expect(describeChannels().map(({ type }) => type)).toEqual(channelTypeSchema.options);
  for (const { type, title, secrets, settings } of describeChannels()) {
    expect(title).not.toBe('');
    expect(Object.keys(settings.properties ?? {})).toEqual(expect.arrayContaining([...secrets]));
    const { type: _, ...fields } = settings.properties ?? {};
    for (const [name, field] of Object.entries(fields)) {
      expect(field, `${type}.${name}`).toHaveProperty('description');
    }
  }
});

test.each<[type: Type, change: object, field: string, remedy: string]>([
  ['webhook', { url: 'example.org' }, 'url', 'must be a URL such as https://example.org/hooks/booner'],
  ['webhook', { url: 'ftp://example.org' }, 'url', 'must be a URL such as'],
  ['webhook', { url: undefined }, 'url', 'must be a URL such as'],
  ['webhook', { url: 'https://user:pw@example.org' }, 'url', 'must not contain a user or password'],
  ['webhook', { secret: 'short' }, 'secret', 'must be a secret of 8 to 500 visible characters'],
  ['webhook', { authorization: 'a\r\nX-Evil: 1' }, 'authorization', 'must be a value of the header'],
  ['webhook', { allowPrivate: 'yes' }, 'allowPrivate', 'must be true or false'],
  ['email', { to: [] }, 'to', 'must name at least one recipient'],
  ['email', { to: ['ops@example.org\r\nBcc: x@example.org'] }, 'to.0', 'must be an e-mail address, such as'],
  ['email', { from: 'Ops <ops@example.org>' }, 'from', 'must be an e-mail address, such as'],
  ['email', { port: 0 }, 'port', 'must be a port, such as 587'],
  ['email', { tls: 'no' }, 'tls', 'must be starttls, implicit or none'],
  ['telegram', { token: '1/../x' }, 'token', 'must be the token that @BotFather gave you'],
  ['matrix', { roomId: '#ops:example.org' }, 'roomId', 'must be the internal id of a room'],
  ['gotify', { server: 'https://gotify.example.org/?a=1' }, 'server', 'must have no query or fragment'],
  ['pagerduty', { routingKey: 'abc' }, 'routingKey', 'must be an integration key: 32 letters and digits'],
  ['pagerduty', { region: 'asia' }, 'region', 'must be us or eu'],
])('%s with %j: %s %s', (type, change, field, remedy) => {
  const issues = channelSettingsSchema.safeParse({ ...EXAMPLE_SETTINGS[type], ...change }).error?.issues;
  expect(issues?.map(({ path }) => path.join('.'))).toContain(field);
  expect(issues?.map(({ message }) => message).join('\n')).toContain(remedy);
});

test('an unknown type is refused with the list of types, and an unknown field by its name', () => {
  const [issue] = channelSettingsSchema.safeParse({ type: 'fax' }).error?.issues ?? [];
  expect(issue?.message).toContain('must be one of webhook, email, slack');
  const unknown = channelSettingsSchema.safeParse({ ...EXAMPLE_SETTINGS.slack, channel: '#ops' });
  expect(unknown.error?.issues[0]).toMatchObject({ code: 'unrecognized_keys', keys: ['channel'] });
});

test('settings are complete after parsing', () => {
  const settings: ChannelSettings = channelSettingsSchema.parse(EXAMPLE_SETTINGS.gotify);
  expect(settings).toEqual({
    type: 'gotify',
    server: 'https://gotify.example.org/sub',
    token: 'AbCdEf123456789',
    allowPrivate: false,
  });
});
