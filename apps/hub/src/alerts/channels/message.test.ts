import type { Notification } from '@booner/protocol';
import { expect, test } from 'vitest';
import { messageOf, plainText } from './message.ts';
import { EXAMPLE_NOTIFICATION, RESOLVED_NOTIFICATION } from './testing/example-notification.ts';

const [TARGET] = EXAMPLE_NOTIFICATION.targets;
const bodyOf = (change: Partial<Notification>) => messageOf({ ...EXAMPLE_NOTIFICATION, ...change }).body;

test('a message says what, where, since when, the value against the threshold, and what to open', () => {
  expect(messageOf(EXAMPLE_NOTIFICATION)).toEqual({
    headline: '[crit] Disk usage on db-1',
    body: '• db-1 (10.0.0.2): 93 % (over 90 %), since 2026-11-30 14:02 UTC ▂▃▅▇\nThe disk /var is filling up.',
    links: [
      { text: 'Open in Booner', url: 'https://hub.example.org/targets/10.0.0.2?at=1' },
      { text: 'Acknowledge', url: 'https://hub.example.org/ack/abc' },
      { text: 'Runbook', url: 'https://wiki.example.org/disk' },
    ],
  });
});

test('a resolved one says how long it took, and has nothing to acknowledge', () => {
  expect(messageOf(RESOLVED_NOTIFICATION)).toEqual({
    headline: '[resolved] Disk usage on db-1',
    body: '• db-1 (10.0.0.2): 71 %, after 1 h 3 min ▂▃▅▇\nThe disk /var is filling up.',
    links: [
      { text: 'Open in Booner', url: 'https://hub.example.org/targets/10.0.0.2?at=1' },
      { text: 'Runbook', url: 'https://wiki.example.org/disk' },
    ],
  });
});

test.each([
  ['2026-11-30T14:02:30.000Z', 'less than a minute'],
  ['2026-11-30T14:07:00.000Z', '5 min'],
  ['2026-11-30T16:02:00.000Z', '2 h'],
  ['2026-12-02T17:02:00.000Z', '2 d 3 h'],
  ['2026-12-02T14:02:00.000Z', '2 d'],
])('at %s it took %s', (at, duration) => {
  expect(messageOf({ ...RESOLVED_NOTIFICATION, at }).body).toContain(`71 %, after ${duration} ▂`);
});

test.each([
  ['reminder', '[crit, still firing]'],
  ['flapping', '[flapping]'],
  ['summary', '[summary]'],
] as const)('the headline of a %s begins with %s', (kind, state) => {
  expect(messageOf({ ...EXAMPLE_NOTIFICATION, kind }).headline).toBe(`${state} Disk usage on db-1`);
});

test('a state has no threshold, and the main server no host id', () => {
  const target = { ...TARGET!, host: null, name: 'main server', valueText: 'offline', sparkline: null };
  expect(bodyOf({ targets: [target], threshold: null, text: '' })).toBe(
    '• main server: offline, since 2026-11-30 14:02 UTC',
  );
});

test('of 37 targets, ten are listed and the others counted', () => {
  const lines = bodyOf({ targets: Array.from({ length: 20 }, () => TARGET!), targetCount: 37 }).split('\n');
  expect(lines).toHaveLength(12);
  expect(lines[10]).toBe('… and 27 more');
});

test('a body is cut before its links are', () => {
  const message = messageOf({ ...EXAMPLE_NOTIFICATION, text: 'x'.repeat(5000) });
  const text = plainText(message, 400);
  expect(text).toHaveLength(400);
  expect(text).toContain('xxx…\n\nOpen in Booner: https://hub');
  expect(text.endsWith('Runbook: https://wiki.example.org/disk')).toBe(true);
});

test('links that would take half of a message are left out, the last one first', () => {
  const message = messageOf({ ...EXAMPLE_NOTIFICATION, text: 'x'.repeat(500) });
  const text = plainText(message, 200);
  expect(text).toContain('Open in Booner: https://hub');
  expect(text).not.toContain('Runbook');
});
