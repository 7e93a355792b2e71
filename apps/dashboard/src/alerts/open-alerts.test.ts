import type { Alert } from '@booner/protocol';
import { expect, test } from 'vitest';
import { alertsByHost, countAlerts, groupOf, orderAlerts } from './open-alerts.ts';

const alert = (id: string, changes: Partial<Alert> = {}): Alert =>
  ({
    id,
    host: '10.0.0.2',
    severity: 'warn',
    startedAtMs: 0,
    acknowledged: null,
    mutes: [],
    ...changes,
  }) as Alert;
const acknowledged = { atMs: 1, by: 'ada' };

test('what somebody has, or what is muted, is not counted as firing', () => {
  const counts = countAlerts([
    alert('a', { severity: 'crit' }),
    alert('b'),
    alert('c', { severity: 'crit', acknowledged }),
    alert('d', { severity: 'crit', mutes: ['silence'] }),
    alert('e', { acknowledged, mutes: ['silence'] }),
  ]);
  expect(counts).toEqual({ critical: 1, warning: 1, acknowledged: 2, muted: 1 });
  expect(groupOf(alert('e', { acknowledged, mutes: ['silence'] }))).toBe('acknowledged');
});

test('critical ones come first, then the newest', () => {
  const ordered = orderAlerts([
    alert('old warning', { startedAtMs: 1 }),
    alert('new warning', { startedAtMs: 9 }),
    alert('old critical', { severity: 'crit', startedAtMs: 2 }),
    alert('new critical', { severity: 'crit', startedAtMs: 3 }),
  ]);
  expect(ordered.map(({ id }) => id)).toEqual(['new critical', 'old critical', 'new warning', 'old warning']);
});

test('a host shows its worst alert that nobody has, and no muted one', () => {
  const byHost = alertsByHost([
    alert('known', { severity: 'crit', acknowledged }),
    alert('new'),
    alert('muted', { host: '10.0.0.3' as Alert['host'], mutes: ['quiet_hours'] }),
  ]);
  expect([...byHost]).toMatchObject([['10.0.0.2', { worst: { id: 'new' }, count: 2 }]]);
});
