import type { AlertFunction } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RuleWindows } from './rule-windows.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

/** Returns the result after samples each minute from 0 on, at the time of the last one. */
function resultOf(
  name: AlertFunction,
  overMs: number,
  values: readonly number[],
  limit: number | null = null,
) {
  const windows = new RuleWindows(name, overMs, limit);
  const slot = windows.open();
  values.forEach((value, minute) => {
    windows.add(slot, minute * MINUTE_MS, value);
  });
  return windows.read(slot, (values.length - 1) * MINUTE_MS);
}

describe('a window', () => {
  it.each([
    ['avg', 5],
    ['min', 1],
    ['max', 9],
    ['last', 2],
    ['rate', -4 / 480],
  ] as const)('%s', (name, result) => {
    expect(resultOf(name, 8 * MINUTE_MS, [6, 1, 9, 8, 4, 5, 3, 7, 2])).toBeCloseTo(result, 12);
  });

  it('forgets what is older than it, up to one of its eight parts', () => {
    const values = [100, 100, ...Array.from({ length: 9 }, () => 1)];
    expect(resultOf('max', 8 * MINUTE_MS, values)).toBe(1);
    expect(resultOf('max', 8 * MINUTE_MS, values.slice(0, -1))).toBe(100);
    expect(resultOf('avg', 8 * MINUTE_MS, values)).toBe(1);
  });

  it('has no result before samples span it, but for the last one', () => {
    expect(resultOf('avg', 5 * MINUTE_MS, [1, 1, 1, 1, 1])).toBe('too_short');
    expect(resultOf('avg', 5 * MINUTE_MS, [1, 1, 1, 1, 1, 1])).toBe(1);
    expect(resultOf('last', 5 * MINUTE_MS, [1])).toBe(1);
  });

  it('has no data if no sample is left', () => {
    const windows = new RuleWindows('avg', 8 * MINUTE_MS, null);
    const slot = windows.open();
    expect(windows.read(slot, 0)).toBe('no_data');
    for (let minute = 0; minute <= 10; minute += 1) windows.add(slot, minute * MINUTE_MS, 3);
    expect(windows.read(slot, 18 * MINUTE_MS)).toBe(3);
    expect(windows.read(slot, 20 * MINUTE_MS)).toBe('no_data');
    windows.add(slot, 30 * MINUTE_MS, 7);
    expect(windows.read(slot, 30 * MINUTE_MS)).toBe('too_short');
  });

  it('of one subject knows nothing of the others, nor of the one before', () => {
    const windows = new RuleWindows('last', MINUTE_MS, null);
    const slots = Array.from({ length: 3000 }, () => windows.open());
    slots.forEach((slot, index) => {
      windows.add(slot, 0, index);
    });
    expect(slots.map((slot) => windows.read(slot, 0))).toEqual(slots.map((_, index) => index));
    windows.close(slots[7]!);
    expect(windows.read(windows.open(), 0)).toBe('no_data');
  });

  it('ignores samples from before its newest part', () => {
    const windows = new RuleWindows('max', 8 * MINUTE_MS, null);
    const slot = windows.open();
    for (let minute = 0; minute <= 8; minute += 1) windows.add(slot, minute * MINUTE_MS, 1);
    windows.add(slot, 2 * MINUTE_MS, 9);
    expect(windows.read(slot, 8 * MINUTE_MS)).toBe(1);
  });

  it('starts over when the clock is set far back', () => {
    const windows = new RuleWindows('last', 8 * MINUTE_MS, null);
    const slot = windows.open();
    windows.add(slot, 24 * HOUR_MS, 1);
    windows.add(slot, HOUR_MS, 9);
    expect(windows.read(slot, HOUR_MS)).toBe(9);
  });

  it('equals what a list of its samples says, for any samples', () => {
    const samples = fc.array(
      fc.tuple(fc.integer({ min: 1, max: 200 }), fc.double({ min: -1e6, max: 1e6, noNaN: true })),
      {
        minLength: 1,
        maxLength: 100,
      },
    );
    fc.assert(
      fc.property(samples, (gaps) => {
        const overMs = 8 * MINUTE_MS;
        const results = (['avg', 'min', 'max'] as const).map((name) => {
          const ring = new RuleWindows(name, overMs, null);
          const slot = ring.open();
          let atMs = 0;
          const listed: [number, number][] = [];
          for (const [seconds, value] of gaps) {
            atMs += seconds * 1000;
            ring.add(slot, atMs, value);
            listed.push([atMs, value]);
          }
          const fromMs = (Math.floor(atMs / MINUTE_MS) - 8) * MINUTE_MS;
          const kept = listed.filter(([ms]) => ms >= fromMs).map(([, value]) => value);
          return { name, result: ring.read(slot, atMs), kept };
        });
        for (const { name, result, kept } of results) {
          if (typeof result !== 'number') continue;
          const sum = kept.reduce((total, value) => total + value, 0);
          const expected =
            name === 'avg' ? sum / kept.length : name === 'min' ? Math.min(...kept) : Math.max(...kept);
          expect(result).toBeCloseTo(expected, 5);
        }
      }),
    );
  });
});

describe('full_in', () => {
  const usage = (minutes: number, at: (minute: number) => number) =>
    resultOf(
      'full_in',
      6 * HOUR_MS,
      Array.from({ length: minutes + 1 }, (_, minute) => at(minute)),
      1,
    );

  it('is the time in seconds until a straight line reaches the limit', () => {
    // 40 % at the start, 1 % an hour, so 46 % after 6 hours and 54 hours left.
    expect(usage(360, (minute) => 0.4 + 0.01 * (minute / 60))).toBeCloseTo(54 * 3600, 3);
  });

  it('counts down to 0 if the resource runs out', () => {
    const left = Array.from({ length: 361 }, (_, minute) => 1000 - minute);
    expect(resultOf('full_in', 6 * HOUR_MS, left, 0)).toBeCloseTo(640 * 60, 3);
    expect(
      resultOf(
        'full_in',
        6 * HOUR_MS,
        left.map((value) => value - 1000),
        0,
      ),
    ).toBe(Number.POSITIVE_INFINITY);
  });

  it('is infinite if nothing grows, and 0 if nothing is left', () => {
    expect(usage(360, () => 0.5)).toBe(Number.POSITIVE_INFINITY);
    expect(usage(360, (minute) => 0.9 - minute / 1000)).toBe(Number.POSITIVE_INFINITY);
    expect(usage(360, () => 1)).toBe(0);
  });

  it('needs half of its window', () => {
    expect(usage(179, (minute) => minute / 1000)).toBe('too_short');
    expect(usage(180, (minute) => minute / 1000)).toBeCloseTo(820 * 60, 3);
  });

  it('fits the line through noise', () => {
    const noisy = usage(360, (minute) => 0.4 + 0.02 * (minute / 60) + (minute % 2 === 0 ? 0.02 : -0.02));
    expect(noisy).toBeGreaterThan(22 * 3600);
    expect(noisy).toBeLessThan(26 * 3600);
  });

  it('is beyond any threshold after a backup that wrote for an hour and stopped', () => {
    const backup = (minute: number) => 0.4 + (0.2 * Math.min(Math.max(minute - 120, 0), 60)) / 60;
    expect(usage(180, backup)).toBeLessThan(24 * 3600);
    expect(usage(300, backup)).toBeGreaterThan(1e9);
  });
});
