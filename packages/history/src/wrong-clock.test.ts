import { seriesHistorySchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { Backlog } from './backlog.ts';
import { openMemoryBlocks } from './memory-blocks.ts';
import { createHistory } from './memory-history.ts';
import { sampleOf } from './testing/samples.ts';
import { DEFAULT_RETENTION } from './tiers.ts';

const HOST = '10.0.0.2';
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;
const START_MS = Date.UTC(2026, 5, 1);

/** A hub's history in memory, with a clock that can be set. */
function startBed({ maxBytes = Number.POSITIVE_INFINITY } = {}) {
  const blocks = openMemoryBlocks();
  const clock = { nowMs: START_MS, monotonicMs: 0 };
  const doubts: (string | null)[] = [];
  const start = () =>
    createHistory({
      open: () => ({ ...blocks }),
      retention: DEFAULT_RETENTION,
      maxBytes,
      minFreeBytes: 0,
      nowMs: () => clock.nowMs,
      monotonicMs: () => clock.monotonicMs,
      onClockDoubt: (reason) => doubts.push(reason),
      onRecording: () => {},
    });
  let history = start();
  return {
    clock,
    doubts,
    get history() {
      return history;
    },
    async restart() {
      await history[Symbol.asyncDispose]();
      clock.monotonicMs = 0;
      history = start();
    },
    /** Lets time pass, with a sample of a CPU use each interval. */
    async run(ms: number, cpu = 0.5, stepMs = 30_000) {
      for (let passedMs = 0; passedMs < ms; passedMs += stepMs) {
        history.append({ host: HOST, atMs: clock.nowMs, intervalMs: stepMs, measurements: sampleOf(cpu) });
        clock.nowMs += stepMs;
        clock.monotonicMs += stepMs;
        if (clock.monotonicMs % (10 * MINUTE_MS) === 0) await history.stats(); // does what is due
      }
    },
    oldest: async () => (await history.stats()).oldestMs,
    async cpu(fromMs: number, toMs: number) {
      const request = { host: HOST, shownAs: null, fromMs, toMs, points: 2000 };
      const bytes = await history.query({ ...request, metrics: ['cpuUsageRatio'] });
      const { timesMs, series } = seriesHistorySchema.parse(JSON.parse(new TextDecoder().decode(bytes)));
      return { timesMs, cpu: series[0]?.avg };
    },
  };
}

it('deletes nothing for its age when its clock jumps ahead, until the clock has been right for a day', async () => {
  const bed = startBed();
  await bed.run(2 * HOUR_MS);
  const before = await bed.oldest();
  expect(before.raw).toBe(START_MS);
  bed.clock.nowMs += 10 * YEAR_MS;
  await bed.run(23 * HOUR_MS, 0.5, 5 * MINUTE_MS);
  expect(await bed.oldest()).toMatchObject({ raw: START_MS, '10s': START_MS, '1m': START_MS });
  expect(bed.doubts).toEqual([expect.stringMatching(/jumped ahead by 876\d\d h/)]);
  await bed.run(2 * HOUR_MS, 0.5, 5 * MINUTE_MS);
  expect((await bed.oldest())['1m']).toBeGreaterThan(START_MS + YEAR_MS);
  expect(bed.doubts).toEqual([expect.any(String), null]);
});

it('deletes old data again once its clock has come back', async () => {
  const bed = startBed();
  await bed.run(2 * HOUR_MS);
  bed.clock.nowMs += 10 * YEAR_MS;
  await bed.run(HOUR_MS);
  bed.clock.nowMs -= 10 * YEAR_MS;
  await bed.run(10 * HOUR_MS, 0.5, 5 * MINUTE_MS);
  const { raw } = await bed.oldest();
  expect(raw).toBeGreaterThan(START_MS);
  expect(raw).toBeLessThan(bed.clock.nowMs);
  expect(bed.doubts).toEqual([expect.any(String), null]);
});

it('deletes nothing for its age after a start with a clock that is far ahead, also at the next start', async () => {
  const bed = startBed();
  await bed.run(3 * DAY_MS, 0.5, 5 * MINUTE_MS);
  await bed.restart();
  await bed.run(HOUR_MS);
  expect(bed.doubts).toEqual([]);
  const before = await bed.oldest();
  bed.clock.nowMs += 10 * YEAR_MS;
  for (let times = 0; times < 2; times++) {
    await bed.restart();
    await bed.run(HOUR_MS);
  }
  expect(await bed.oldest()).toEqual(before);
  expect(bed.doubts).toEqual(Array(2).fill(expect.stringMatching(/the hub was off, or its clock is wrong/)));
});

it.each([
  { offHours: 20, doubts: [] },
  { offHours: 26, doubts: [expect.stringMatching(/the hub was off, or its clock is wrong/), null] },
])('waits for a day after the hub was off for over a day: $offHours h', async ({ offHours, doubts }) => {
  const bed = startBed();
  await bed.run(3 * DAY_MS, 0.5, 5 * MINUTE_MS);
  bed.clock.nowMs += offHours * HOUR_MS;
  await bed.restart();
  await bed.run(23 * HOUR_MS, 0.5, 5 * MINUTE_MS);
  expect(bed.doubts).toEqual(doubts.slice(0, 1));
  await bed.run(2 * HOUR_MS, 0.5, 5 * MINUTE_MS);
  expect(bed.doubts).toEqual(doubts);
});

it('keeps to its size while its clock is in doubt', async () => {
  const bed = startBed({ maxBytes: 1 });
  await bed.run(HOUR_MS);
  bed.clock.nowMs += YEAR_MS;
  await bed.run(HOUR_MS);
  expect(bed.doubts).toHaveLength(1);
  expect((await bed.oldest()).raw).toBeGreaterThan(START_MS + YEAR_MS);
});

it('finds what was missed, and shows new samples, where a clock that was ahead left its own', async () => {
  const bed = startBed();
  await bed.run(30 * MINUTE_MS, 0.25, 3000);
  bed.clock.nowMs += 2 * HOUR_MS;
  await bed.run(10 * MINUTE_MS, 1, 3000);
  bed.clock.nowMs -= 2 * HOUR_MS;
  const backMs = bed.clock.nowMs + 1000; // in another phase
  bed.clock.nowMs = backMs;
  expect(await bed.history.newest([HOST])).toEqual([START_MS + 29 * MINUTE_MS]);
  const backlog = new Backlog();
  const gap = { fromMs: START_MS + 30 * MINUTE_MS, toMs: START_MS + 40 * MINUTE_MS };
  for (let atMs = gap.fromMs; atMs < gap.toMs; atMs += 3000) backlog.add(atMs, 3000, sampleOf(0.25));
  const backfill = backlog.minutes(gap.fromMs, gap.toMs);
  expect(await bed.history.addMissed(HOST, { ...gap, shiftMs: 0, backfill })).toBe(200);
  await bed.run(START_MS + 155 * MINUTE_MS + 31_000 - bed.clock.nowMs, 0.25, 3000);
  const { cpu: now = [] } = await bed.cpu(START_MS + 155 * MINUTE_MS, bed.clock.nowMs);
  expect(now.slice(0, 9)).toEqual(Array(9).fill(0.25)); // of a minute that is not over
  await bed.run(2 * HOUR_MS, 0.25, 3000);
  for (const fromMs of [START_MS, START_MS + 2 * HOUR_MS]) {
    const { cpu, timesMs } = await bed.cpu(fromMs, fromMs + HOUR_MS);
    expect(timesMs).toHaveLength(HOUR_MS / 3000);
    expect(new Set(cpu)).toEqual(new Set([0.25]));
  }
});
