import { HISTORY_METRIC_NAMES, type HistoryTier } from '@booner/protocol/history-metrics';
import { describe, expect, it } from 'vitest';
import { COMPLETE_SAMPLE, COMPLETE_VALUES } from './complete-sample.ts';
import {
  type Clock,
  cpuOf,
  HOST,
  HOUR_MS,
  MINUTE_MS,
  type ReadingBed,
  seriesOf,
  useBed,
} from './reading-bed.ts';
import { busyNetwork, mount, sampleOf } from './samples.ts';

export type ReadingContractOptions = {
  /**
   * Opens a history, and may set its clock to where the samples of one test start: a day at 00:00
   * UTC. They take less than two days.
   */
  readonly open: (clock: Clock) => Promise<ReadingBed>;
  /** Resolution that every answer names; `null`: the one that was read. */
  readonly tier: 'store' | null;
};

/** Interval of samples of which each is a point everywhere: points of stores are not shorter. */
const STEP_MS = 10_000;
/** More than a history keeps of one host. */
const INTERFACES = 300;

const swap = (usedBytes: number) => ({ totalBytes: 2 ** 32, usedBytes });

/** Holds everything that a history is read back from to one behavior. */
export function describeHistoryReading(
  name: string,
  { open, tier: namedTier }: ReadingContractOptions,
): void {
  describe(name, () => {
    async function startBed() {
      const clock: Clock = { nowMs: Date.UTC(2026, 5, 1) };
      const bed = await open(clock);
      const startMs = clock.nowMs;
      return {
        ...useBed(bed, clock),
        clock,
        startMs,
        [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose](),
      };
    }
    const tier = (read: HistoryTier) => namedTier ?? read;

    it('returns samples in order, each in the point that begins with it', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      const rowOf = (atMs: number) => (atMs - startMs) / STEP_MS;
      await bed.run(startMs + 90_000, (atMs) => rowOf(atMs) / 100, { stepMs: STEP_MS });
      for (const [fromMs, toMs] of [
        [startMs, startMs + 90_000],
        [startMs + 20_000, startMs + 50_000],
      ] as const) {
        const answer = await bed.query(fromMs, toMs);
        const times = Array.from({ length: (toMs - fromMs) / STEP_MS }, (_, row) => fromMs + row * STEP_MS);
        expect(answer.timesMs).toEqual(times);
        const values = times.map((atMs) => rowOf(atMs) / 100);
        expect(cpuOf(answer)).toMatchObject({ avg: values, min: values, max: values });
      }
    });

    it('shows one gap for a silence, and no false zero', async () => {
      await using bed = await startBed();
      const { clock, startMs } = bed;
      const metrics = ['cpuUsageRatio', 'swapUsedBytes'] as const;
      const measure = () => sampleOf(0.5, { swap: swap(4096) });
      await bed.run(startMs + 30_000, measure, { stepMs: STEP_MS });
      clock.nowMs = startMs + 600_000;
      await bed.run(startMs + 630_000, measure, { stepMs: STEP_MS });
      const answer = await bed.query(startMs, startMs + 630_000, { metrics });
      expect(answer.timesMs.map((atMs) => (atMs - startMs) / 1000)).toEqual([0, 10, 20, 30, 600, 610, 620]);
      expect(cpuOf(answer)?.avg).toEqual([0.5, 0.5, 0.5, null, 0.5, 0.5, 0.5]);
      expect(seriesOf(answer, 'swapUsedBytes')?.max).toEqual([4096, 4096, 4096, null, 4096, 4096, 4096]);
      clock.nowMs += 60_000;
      const silent = await bed.query(startMs + 600_000, clock.nowMs, { metrics });
      for (const metric of metrics) expect(seriesOf(silent, metric)?.avg.at(-1)).toBeNull();
    });

    it('keeps average, minimum and maximum of a point, also of what lasted one sample', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      const isHigh = (atMs: number) => atMs % MINUTE_MS === 3000;
      await bed.run(startMs + 3 * HOUR_MS, (atMs) =>
        isHigh(atMs) ? sampleOf(1, { swap: swap(2 ** 30) }) : sampleOf(0.1, { swap: swap(2 ** 20) }),
      );
      const answer = await bed.query(startMs, startMs + 3 * HOUR_MS, {
        points: 18,
        metrics: ['cpuUsageRatio', 'swapUsedBytes'],
      });
      expect(answer).toMatchObject({ tier: tier('10m'), stepMs: 600_000 });
      for (const [metric, low, high] of [
        ['cpuUsageRatio', 0.1, 1],
        ['swapUsedBytes', 2 ** 20, 2 ** 30],
      ] as const) {
        const found = seriesOf(answer, metric);
        expect(found?.min).toEqual(Array(18).fill(low));
        expect(found?.max).toEqual(Array(18).fill(high));
        const shares = found?.avg.map((avg) => ((avg ?? 0) - low) / (high - low));
        expect(shares).toEqual(Array(18).fill(expect.closeTo(1 / 20, 3)));
      }
    });

    it('weights averages by samples', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      await bed.run(startMs + 5 * MINUTE_MS, () => 0.2);
      await bed.run(startMs + 10 * MINUTE_MS, () => 0.8, { stepMs: 30_000 });
      const answer = await bed.query(startMs, startMs + 10 * MINUTE_MS, { points: 1 });
      expect(cpuOf(answer)?.avg).toEqual([expect.closeTo((100 * 0.2 + 10 * 0.8) / 110, 3)]);
    });

    it('subtracts what a sample has at one time, also while the total changes', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      const parts = [swap(2 ** 20), { totalBytes: 0, usedBytes: 0 }, swap(2 ** 20)];
      await bed.run(
        startMs + 9 * MINUTE_MS,
        (atMs) => sampleOf(0, { swap: parts[Math.floor((atMs - startMs) / (3 * MINUTE_MS))] ?? null }),
        { stepMs: STEP_MS },
      );
      const answer = await bed.query(startMs, startMs + 9 * MINUTE_MS, {
        points: 1,
        metrics: ['swapUsedBytes'],
      });
      const used = seriesOf(answer, 'swapUsedBytes');
      expect(used).toMatchObject({ min: [0], max: [2 ** 20] });
      expect((used?.avg[0] ?? 0) / 2 ** 20).toBeCloseTo(2 / 3, 2);
    });

    it('reads every resolution up to now', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      const endMs = startMs + 26 * HOUR_MS + 7 * MINUTE_MS + 33_000;
      const share = (atMs: number) => (atMs - startMs) / (30 * HOUR_MS);
      const measure = (atMs: number) => sampleOf(share(atMs), { swap: swap(2 ** 30 * share(atMs)) });
      await bed.run(endMs, measure, { stepMs: 30_000 });
      for (const points of [30, 160, 1600, 2000]) {
        const answer = await bed.query(startMs, endMs, {
          points,
          metrics: ['cpuUsageRatio', 'swapUsedBytes'],
        });
        for (const [metric, most] of [
          ['cpuUsageRatio', 1],
          ['swapUsedBytes', 2 ** 30],
        ] as const) {
          const { avg = [], min, max } = seriesOf(answer, metric) ?? {};
          expect(avg.length).toBeGreaterThan(points / 2);
          expect(avg.length).toBeLessThanOrEqual(points + 1);
          expect(avg).not.toContain(null);
          expect(avg).toEqual(avg.toSorted((a, b) => (a ?? 0) - (b ?? 0)));
          expect(min?.[0]).toBe(0);
          expect((max?.at(-1) ?? 0) / most).toBeCloseTo(share(endMs), 2);
        }
      }
    });

    it('begins a range with a whole point', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      await bed.run(startMs + 2 * HOUR_MS, (atMs) => (atMs - startMs) / (2 * HOUR_MS), { stepMs: STEP_MS });
      const fromMs = startMs + HOUR_MS + 2 * MINUTE_MS;
      const answer = await bed.query(fromMs, startMs + 2 * HOUR_MS, { points: 9 });
      expect(answer).toMatchObject({ tier: tier('1m') });
      const { stepMs, timesMs } = answer;
      expect(stepMs).toBeGreaterThanOrEqual((58 * MINUTE_MS) / 9);
      const [firstMs = 0] = timesMs;
      expect(firstMs).toBe(Math.floor(fromMs / (stepMs ?? 1)) * (stepMs ?? 1));
      expect(firstMs).toBeLessThan(fromMs);
      const middleMs = firstMs + ((stepMs ?? 0) - STEP_MS) / 2;
      expect(cpuOf(answer)?.avg[0]).toBeCloseTo((middleMs - startMs) / (2 * HOUR_MS), 3);
    });

    it('keeps devices that come and go, each with its own values', async () => {
      await using bed = await startBed();
      const { clock, startMs } = bed;
      const at = async (offsetMs: number, names: readonly string[]) => {
        clock.nowMs = startMs + offsetMs;
        const fileSystems = names.map((name, index) => mount(name, 4096 * (index + 1)));
        bed.append(sampleOf(0, { fileSystems }), { intervalMs: STEP_MS });
      };
      await at(0, ['/', '/data']);
      await at(STEP_MS, ['/']);
      await at(2 * STEP_MS, ['/new', '/']);
      await at(60_000, ['/new']);
      clock.nowMs += STEP_MS;
      const { series } = await bed.query(startMs, startMs + 90_000, { metrics: ['fileSystemUsedBytes'] });
      // The fourth row is the start of a silence.
      expect(Object.fromEntries(series.map(({ device, avg }) => [device, avg]))).toEqual({
        '/': [4096, 4096, 8192, null, null],
        '/data': [8192, null, null, null, null],
        '/new': [null, null, 4096, null, 4096],
      });
    });

    it('reads totals and physical interfaces of a host with hundreds of interfaces', async () => {
      await using bed = await startBed();
      bed.append(sampleOf(0, { network: busyNetwork(INTERFACES) }));
      bed.clock.nowMs += 3000;
      const { series } = await bed.query(bed.startMs, bed.clock.nowMs, {
        metrics: ['receivedBytesPerSecond', 'interfaceReceivedBytesPerSecond'],
      });
      const received = new Map(series.map(({ device, avg }) => [device, avg]));
      expect(received.get(null)).toEqual([4711]);
      expect(received.get('eth0')).toEqual([INTERFACES - 1]);
    });

    it('refuses answers with too many values', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      bed.append(sampleOf(0, { network: busyNetwork(60) }));
      bed.clock.nowMs += 3000;
      const reading = (toMs: number) =>
        bed.query(startMs, toMs, { points: 2000, metrics: HISTORY_METRIC_NAMES });
      const outcome = await reading(startMs + 2000 * STEP_MS).then(
        () => 'answered',
        ({ code }) => code,
      );
      expect(outcome).toBe('too_large');
      expect((await reading(startMs + 10 * STEP_MS)).series.length).toBeGreaterThan(6 * 60);
    });

    it('ranks hosts by whole hours, including the current one', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      const hosts = [HOST, '10.0.0.3'];
      const isPeak = (atMs: number) => atMs - startMs === 25 * MINUTE_MS + STEP_MS;
      await bed.run(
        startMs + 2 * HOUR_MS + 10 * MINUTE_MS,
        (atMs, host) =>
          host === HOST
            ? sampleOf(0.2, { swap: swap(isPeak(atMs) ? 2 ** 30 : 0) })
            : sampleOf(0.8, { swap: swap(0) }),
        { hosts, stepMs: STEP_MS },
      );
      const whole = { fromMs: startMs, toMs: startMs + 3 * HOUR_MS };
      expect(await bed.rank(whole)).toEqual([
        { host: '10.0.0.3', avg: expect.closeTo(0.8, 3), max: 0.8, samples: 780 },
        { host: HOST, avg: expect.closeTo(0.2, 3), max: 0.2, samples: 780 },
      ]);
      expect(await bed.rank(whole, 'swapUsedBytes')).toEqual([
        { host: HOST, avg: expect.closeTo(2 ** 30 / 780, -4), max: 2 ** 30, samples: 780 },
        { host: '10.0.0.3', avg: 0, max: 0, samples: 780 },
      ]);
      const second = await bed.rank({ fromMs: startMs + HOUR_MS, toMs: startMs + 2 * HOUR_MS });
      expect(second.map(({ samples }) => samples)).toEqual([360, 360]);
      expect(await bed.rank({ fromMs: startMs - 2 * HOUR_MS, toMs: startMs })).toEqual([]);
    });

    it('answers for unknown hosts and empty ranges without series', async () => {
      await using bed = await startBed();
      const { startMs } = bed;
      await bed.run(startMs + 30_000, () => 0.5, { stepMs: STEP_MS });
      for (const answer of [
        await bed.query(startMs, startMs + 1000, { host: 'nobody' }),
        await bed.query(startMs - HOUR_MS, startMs),
      ])
        expect(answer).toMatchObject({ timesMs: [], series: [] });
    });

    it('reads all metrics of a range, by their devices', async () => {
      await using bed = await startBed();
      bed.append(COMPLETE_SAMPLE);
      bed.clock.nowMs += 3000;
      const { series } = await bed.query(bed.startMs, bed.clock.nowMs, { metrics: HISTORY_METRIC_NAMES });
      expect(new Set(series.map(({ metric }) => metric))).toEqual(new Set(HISTORY_METRIC_NAMES));
      const found = series.map(({ metric, device, avg }) => [`${metric} ${device ?? ''}`.trim(), avg[0]]);
      expect(Object.fromEntries(found)).toEqual(COMPLETE_VALUES);
    });
  });
}
