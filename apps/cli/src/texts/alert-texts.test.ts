import type { Alert } from '@booner/protocol';
import { makeAlert } from '@booner/testkit/make-alert';
import { expect, it } from 'vitest';
import { changedAtMs, changeText, noteText, readingText, subjectText } from './alert-texts.ts';

const ACKNOWLEDGED = { atMs: 1_732_000_060_000, by: 'alice\u001b[2J' };

it('describes an alert in the words of the hub, without control characters', () => {
  const alert = makeAlert('a', { device: '/srv\u202e', mutes: ['silence', 'quiet_hours'] });
  expect(subjectText(alert)).toBe('10.0.0.2 /srv');
  expect(subjectText({ ...alert, device: null })).toBe('10.0.0.2');
  expect(readingText(alert)).toBe('93 %, over 90 %');
  expect(readingText({ ...alert, threshold: null, title: 'Host is offline' })).toBe('Host is offline');
  expect(readingText({ ...alert, valueText: '' })).toBe('over 90 %'); // of an alert that has ended
  expect(noteText({ ...alert, acknowledged: ACKNOWLEDGED }, 1_732_000_360_000)).toBe(
    'acknowledged by alice 5 min ago; muted: silenced, quiet hours',
  );
  expect(noteText(makeAlert('a'), 0)).toBe('');
  expect(noteText(makeAlert('a', { status: 'unknown' }), 0)).toBe('unknown');
});

it.each<[string | null, Partial<Alert> | null, Partial<Alert> | null]>([
  ['firing', null, {}],
  ['unknown', null, { status: 'unknown' }],
  ['resolved after 5 min', {}, { status: 'resolved', endedAtMs: 1_732_000_000_000 + 300_000 }],
  ['ended', {}, null],
  ['worsened', { acknowledged: ACKNOWLEDGED }, { severity: 'crit' }],
  ['improved', { severity: 'crit' }, {}],
  ['acknowledged by alice', {}, { acknowledged: ACKNOWLEDGED }],
  ['recovering', {}, { status: 'recovering' }],
  ['muted: silenced', {}, { mutes: ['silence'] }],
  ['no longer muted', { mutes: ['silence'] }, {}],
  [null, {}, { valueText: '94 %' }],
  [null, {}, { notifiedAtMs: 1_732_000_000_000 }],
])('says %j of a change', (text, previous, alert) => {
  const change = {
    previous: previous === null ? null : makeAlert('a', previous),
    alert: alert === null ? null : makeAlert('a', alert),
  };
  expect(changeText(change)).toBe(text);
});

it('says when something happened as far as the alert does', () => {
  const previous = makeAlert('a');
  const started = previous.startedAtMs;
  expect(changedAtMs({ alert: previous, previous: null })).toBe(started);
  expect(changedAtMs({ alert: { ...previous, endedAtMs: started + 5 }, previous })).toBe(started + 5);
  expect(changedAtMs({ alert: { ...previous, acknowledged: ACKNOWLEDGED }, previous })).toBe(
    ACKNOWLEDGED.atMs,
  );
  expect(changedAtMs({ alert: { ...previous, severity: 'crit' }, previous })).toBeNull();
  expect(changedAtMs({ alert: null, previous })).toBeNull();
});
