import type { TargetSummary } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { minuteCpuOf } from './cpu-minute.ts';
import { countTrouble, createTroubleOrder, isInTrouble } from './trouble-order.ts';

const hosts = (targets: readonly TargetSummary[]) => targets.map(({ host }) => host);
const INTERVAL_MS = 3000;

/** A fleet of the hosts `a` and `b`, of which `b` changes. */
function watch() {
  const order = createTroubleOrder();
  let nowMs = 0;
  const ranked = (b: Partial<TargetSummary>) => {
    nowMs += INTERVAL_MS;
    return order([fakeTarget('a'), fakeTarget('b', { lastSeenAtMs: nowMs, ...b })], nowMs);
  };
  return {
    ranked,
    /** Says for each sample of CPU use, a frame apart, whether `b` is in trouble. */
    busy: (...ratios: readonly number[]) =>
      ratios.map((cpuUsageRatio) => isInTrouble(ranked({ cpuUsageRatio }), 'b')),
  };
}

const minuteOf = (ratio: number) => Array.from({ length: 60_000 / INTERVAL_MS }, () => ratio);

describe('the order of a fleet', () => {
  it('puts what is offline first, then what is in trouble, then all others as they came', () => {
    const order = createTroubleOrder();
    const ranked = order(
      [
        fakeTarget('10.0.0.2', { cpuUsageRatio: 0.95 }),
        fakeTarget('10.0.0.3', { diskUsageRatio: 0.91 }),
        fakeTarget('10.0.0.7', { status: 'offline' }),
        fakeTarget('10.0.0.8', { status: 'pending' }),
        fakeTarget('10.0.0.9'),
        fakeTarget('10.0.0.10'),
      ],
      0,
    );
    expect(hosts(ranked.targets)).toEqual([
      '10.0.0.7',
      '10.0.0.2',
      '10.0.0.3',
      '10.0.0.8',
      '10.0.0.9',
      '10.0.0.10',
    ]);
    expect(countTrouble(ranked)).toBe(3);
  });

  it('ranks CPU use by the mean of the last minute, so that no single sample moves a host', () => {
    const { busy, ranked } = watch();
    busy(...minuteOf(0.2));
    expect(busy(0.99, 0.2, 0.99, 0.2)).not.toContain(true);
    const states = busy(...minuteOf(1));
    expect([states.indexOf(true) > 10, states.at(-1)]).toEqual([true, true]);
    const [first, second] = ranked({ cpuUsageRatio: 0 }).targets;
    expect(first?.host).toBe('b');
    expect(minuteCpuOf(first as TargetSummary)).toBeCloseTo(0.95);
    expect(minuteCpuOf(second as TargetSummary)).toBe(0.2);
  });

  it('holds a host in trouble for a minute, and then while it is near the limit', () => {
    const { busy, ranked } = watch();
    expect(isInTrouble(ranked({ diskUsageRatio: 0.95 }), 'b')).toBe(true);
    const after = busy(...minuteOf(0.2));
    expect([after.slice(0, -1).includes(false), after.at(-1)]).toEqual([false, false]);
    ranked({ diskUsageRatio: 0.95 });
    for (const _ of minuteOf(0)) ranked({ diskUsageRatio: 0.86 });
    expect(isInTrouble(ranked({ diskUsageRatio: 0.86 }), 'b')).toBe(true);
    expect(isInTrouble(ranked({ diskUsageRatio: 0.84 }), 'b')).toBe(false);
  });

  it('moves a host that goes offline or is back at once', () => {
    const { ranked } = watch();
    ranked({});
    const offline = ranked({ status: 'offline', cpuUsageRatio: null });
    expect(hosts(offline.targets)).toEqual(['b', 'a']);
    expect(hosts(ranked({}).targets)).toEqual(['a', 'b']);
  });
});
