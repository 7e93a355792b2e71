import type { Alert } from '@booner/protocol';
import { makeAlert } from '@booner/testkit/make-alert';
import { expect, test } from 'vitest';
import { alertsByHost, countAlerts, groupOf } from './open-alerts.ts';

const acknowledged = { atMs: 1, by: 'ada' };

test('what somebody has, or what is muted, is not counted as firing', () => {
  const counts = countAlerts([
    makeAlert('a', { severity: 'crit' }),
    makeAlert('b'),
    makeAlert('c', { severity: 'crit', acknowledged }),
    makeAlert('d', { severity: 'crit', mutes: ['silence'] }),
    makeAlert('e', { acknowledged, mutes: ['silence'] }),
  ]);
  expect(counts).toEqual({ critical: 1, warning: 1, acknowledged: 2, muted: 1 });
  expect(groupOf(makeAlert('e', { acknowledged, mutes: ['silence'] }))).toBe('acknowledged');
});

test('a host shows its worst alert that nobody has, and no muted one', () => {
  const byHost = alertsByHost([
    makeAlert('known', { severity: 'crit', acknowledged }),
    makeAlert('new'),
    makeAlert('muted', { host: '10.0.0.3' as Alert['host'], mutes: ['quiet_hours'] }),
  ]);
  expect([...byHost]).toMatchObject([['10.0.0.2', { worst: { id: 'new' }, count: 2 }]]);
});
