import { makeAlert } from '@booner/testkit/make-alert';
import { describe, expect, it } from 'vitest';
import { AlertCache } from './alert-cache.ts';

const resolved = (id: string) => makeAlert(id, { status: 'resolved', endedAtMs: 2_000_000_000_000 });

describe('a cache of alerts', () => {
  it('sorts critical ones first, then the newest, whatever the order of arrival', () => {
    const cache = new AlertCache();
    cache.takeAll([
      makeAlert('old warn', { startedAtMs: 1 }),
      makeAlert('old crit', { startedAtMs: 2, severity: 'crit' }),
      makeAlert('new warn', { startedAtMs: 9 }),
    ]);
    cache.takeChanged([makeAlert('new crit', { startedAtMs: 8, severity: 'crit' })]);
    expect([...cache.alerts.keys()]).toEqual(['new crit', 'old crit', 'new warn', 'old warn']);
    cache.takeChanged([makeAlert('old warn', { startedAtMs: 1, severity: 'crit' })]);
    expect([...cache.alerts.keys()]).toEqual(['new crit', 'old crit', 'old warn', 'new warn']);
  });

  it('keeps what did not change, and reports what did', () => {
    const cache = new AlertCache();
    cache.takeAll([makeAlert('a'), makeAlert('b')]);
    const before = cache.alerts;
    expect(cache.takeAll([makeAlert('b'), makeAlert('a')])).toEqual([]);
    expect(cache.alerts).toBe(before);
    const [change] = cache.takeChanged([makeAlert('a', { valueText: '95 %' })]);
    expect(change).toMatchObject({ alert: { valueText: '95 %' }, previous: { valueText: '93 %' } });
    expect(cache.alerts.get('b')).toBe(before.get('b'));
    expect(before.get('a')?.valueText).toBe('93 %'); // whoever has it keeps it
  });

  it('removes alerts that have ended, and says whether it is known how', () => {
    const cache = new AlertCache();
    cache.takeAll([makeAlert('a'), makeAlert('b')]);
    expect(cache.takeChanged([resolved('a')])).toMatchObject([
      { alert: { status: 'resolved' }, previous: { status: 'firing' } },
    ]);
    expect(cache.takeChanged([resolved('a'), resolved('never seen')])).toEqual([]);
    expect(cache.takeAll([])).toMatchObject([{ alert: null, previous: { id: 'b' } }]);
    expect(cache.alerts.size).toBe(0);
  });
});
