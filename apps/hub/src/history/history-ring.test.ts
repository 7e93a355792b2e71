import { type Measurements, NOTHING_MEASURED } from '@booner/protocol';
import { expect, it } from 'vitest';
import { HistoryChunks } from './history-chunks.ts';
import { HistoryRing } from './history-ring.ts';

const START_MS = 1_700_000_000_000;
const HOUR_SAMPLES = 1200;
const shares = { usageRatio: 0.5, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0 };

const measured = (cores: number): Measurements => ({
  ...NOTHING_MEASURED,
  cpu: { ...shares, cores: Array.from({ length: cores }, (_, core) => ({ ...shares, core })) },
});

/**
 * @param shareOf its share at each sample
 * @returns how many chunks a host holds that sampled each 3 s
 */
function chunksHeld(samples: readonly Measurements[], shareOf: (i: number) => number = () => 900): number {
  const memory = new HistoryChunks(1_000_000);
  const ring = new HistoryRing(memory);
  for (const [i, sample] of samples.entries()) ring.record(sample, 3000, START_MS + 3000 * i, shareOf(i));
  let free = 0;
  while (memory.take(0) !== null) free++;
  return memory.maxChunks - free;
}

it('holds what 15 minutes take, however long it runs and however much memory there is', () => {
  const hour = Array<Measurements>(HOUR_SAMPLES).fill(NOTHING_MEASURED);
  expect(chunksHeld(hour)).toBe(20); // 300 samples of 16 a chunk
  expect(chunksHeld(Array<Measurements>(HOUR_SAMPLES).fill(measured(8)))).toBe(23); // 14 a chunk
});

it('holds no more than its share', () => {
  const hour = Array<Measurements>(HOUR_SAMPLES).fill(measured(64));
  expect(chunksHeld(hour, () => 3)).toBe(3);
  expect(chunksHeld(hour, (i) => (i < HOUR_SAMPLES - 200 ? 900 : 3))).toBe(3);
});

it('wastes no chunk on samples without CPU figures', () => {
  const alternating = Array.from({ length: HOUR_SAMPLES }, (_, i) =>
    i % 2 === 0 ? measured(4) : NOTHING_MEASURED,
  );
  expect(chunksHeld(alternating)).toBeLessThanOrEqual(22); // 300 samples of 15 a chunk
});

it('shows a short gap and what follows it even at a coarse resolution', () => {
  const ring = new HistoryRing(new HistoryChunks(1_000_000));
  const receive = (seconds: number) => ring.record(measured(0), 3000, START_MS + 1000 * seconds, 3);
  for (let seconds = 0; seconds <= 60; seconds += 3) receive(seconds);
  receive(69);
  expect(ring.intervalMs).toBe(30_000);
  const { times, cpuUsageRatio } = ring.read(START_MS, START_MS + 70_000);
  expect(times.map((atMs) => (atMs - START_MS) / 1000)).toEqual([0, 30, 60, 63, 69]);
  expect(cpuUsageRatio).toEqual([0.5, 0.5, 0.5, null, 0.5]);
});

it('releases all its memory when it is cleared', () => {
  const memory = new HistoryChunks(1_000_000);
  const ring = new HistoryRing(memory);
  for (let i = 0; i < 100; i++) ring.record(measured(2), 3000, START_MS + 3000 * i, 900);
  ring.clear();
  expect(ring.intervalMs).toBeNull();
  expect(ring.read(0, START_MS + 300_000).times).toEqual([]);
  let free = 0;
  while (memory.take(0) !== null) free++;
  expect(free).toBe(memory.maxChunks);
});
