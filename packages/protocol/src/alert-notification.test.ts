import { expect, test } from 'vitest';
import { type Notification, notificationSchema } from './alert-notification.ts';
import type { HostId } from './host-id.ts';

const NOTIFICATION: Notification = {
  id: 'n-1',
  episode: 'e-1',
  kind: 'firing',
  rule: 'disk',
  severity: 'warn',
  status: 'firing',
  at: '2026-11-30T14:05:00.000Z',
  targets: [
    {
      host: '10.0.0.2' as HostId,
      name: 'db-1',
      labels: { role: 'db' },
      value: 93,
      valueText: '93 %',
      since: '2026-11-30T14:02:00.000Z',
      sparkline: null,
    },
  ],
  targetCount: 1,
  title: 'Disk usage on db-1',
  text: 'It is filling up.',
  threshold: 'over 90 %',
  url: 'https://hub.example.org/targets/10.0.0.2',
  acknowledgeUrl: null,
  runbook: null,
};

test('a notification survives being parsed', () => {
  expect(notificationSchema.parse(JSON.parse(JSON.stringify(NOTIFICATION)))).toEqual(NOTIFICATION);
});

test('titles are one line, texts keep their lines, and neither has invisible characters', () => {
  const { title, text } = notificationSchema.parse({
    ...NOTIFICATION,
    title: 'Disk\r\nBcc: evil@example.org\u202e',
    text: 'one\r\ntwo\u0007',
  });
  expect(title).toBe('Disk  Bcc: evil@example.org ');
  expect(text).toBe('one\ntwo');
});

test('texts that are too long are cut, and lose no alert', () => {
  const { title, text } = notificationSchema.parse({
    ...NOTIFICATION,
    title: '😀'.repeat(200),
    text: 'x'.repeat(20_000),
  });
  expect(title).toBe(`${'😀'.repeat(149)}…`);
  expect(text).toHaveLength(10_000);
});

test.each([
  ['id', 'a\r\nb'],
  ['episode', ''],
  ['url', 'javascript:alert(1)'],
  ['runbook', 'file:///etc/passwd'],
  ['at', 'yesterday'],
])('%s is not %j', (field, value) => {
  expect(notificationSchema.safeParse({ ...NOTIFICATION, [field]: value }).success).toBe(false);
});
