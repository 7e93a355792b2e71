import { type BoonerClient, BoonerError } from '@booner/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { createDaySeries } from './day-series.ts';

beforeEach(() => void vi.useFakeTimers({ now: 1_000_000 }));
afterEach(() => void vi.useRealTimers());

function startBed() {
  const reads: (readonly string[])[] = [];
  const bed = { reads, error: null as BoonerError | null, isHidden: false };
  const compareSeries = async (hosts: readonly string[]) => {
    reads.push(hosts);
    if (bed.error !== null) throw bed.error;
    const of = (host: string) => ({
      host,
      timesMs: [1],
      series: [{ avg: [0.5] }],
      fromMs: 0,
      toMs: 2,
      stepMs: 1,
    });
    return { targets: hosts.map(of) };
  };
  const days = createDaySeries(
    {
      compareSeries: compareSeries as unknown as BoonerClient['compareSeries'],
      nowMs: Date.now,
      isHidden: () => bed.isHidden,
    },
    'cpuUsageRatio',
  );
  return { bed, days };
}

it('reads what stays in sight, at most 12 targets at a time', async () => {
  const { bed, days } = startBed();
  const hosts = Array.from({ length: 15 }, (_, index) => `h${index}`);
  const leave = hosts.map((host) => days.of(host).subscribe(() => {}));
  leave[0]?.(); // scrolled away at once
  await vi.advanceTimersByTimeAsync(1000);
  expect(bed.reads).toEqual([hosts.slice(1, 13), hosts.slice(13)]);
  expect(days.of('h14').getSnapshot()).toMatchObject({ times: [1], values: [0.5] });
  expect(days.of('h0').getSnapshot()).toBeNull();
  await vi.advanceTimersByTimeAsync(6 * 60_000);
  expect(bed.reads).toHaveLength(4);
});

it('reads nothing while the page is hidden', async () => {
  const { bed, days } = startBed();
  bed.isHidden = true;
  days.of('a').subscribe(() => {});
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(bed.reads).toEqual([]);
  bed.isHidden = false;
  await vi.advanceTimersByTimeAsync(31_000);
  expect(bed.reads).toEqual([['a']]);
});

it('tries again after a failure, and not for what nobody watches', async () => {
  const { bed, days } = startBed();
  const leave = days.of('a').subscribe(() => {});
  bed.error = new BoonerError('busy', 'too many requests');
  await vi.advanceTimersByTimeAsync(1000);
  bed.error = null;
  await vi.advanceTimersByTimeAsync(31_000);
  expect([bed.reads.length, days.of('a').getSnapshot()?.values]).toEqual([2, [0.5]]);
  leave();
  await vi.advanceTimersByTimeAsync(3_600_000);
  expect(bed.reads).toHaveLength(2);
});
