import type { Measurements, TargetHistory } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';
import { expect, test } from 'vitest';
import { appendRow, closeSilence, emptyHistory, isGap, mergeHistory, moveWindow } from './history-rows.ts';

const INTERVAL_MS = 3000;
const SHARES = { userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0 };

const measured = (usageRatio: number, cores: readonly number[] = []): Measurements => ({
  ...NOTHING_MEASURED,
  cpu: {
    ...SHARES,
    usageRatio,
    cores: cores.map((share, core) => ({ ...SHARES, core, usageRatio: share })),
  },
});

/** A history with one row per time, whose CPU use is given. `null`: a gap. */
function historyOf(rows: readonly (readonly [atMs: number, usageRatio: number | null])[]): TargetHistory {
  return rows.reduce(
    (history, [atMs, usageRatio]) =>
      usageRatio === null
        ? closeSilence(history, atMs + 2 * INTERVAL_MS, INTERVAL_MS)
        : appendRow(history, { atMs, measurements: measured(usageRatio) }, INTERVAL_MS),
    emptyHistory(null, 0, 0),
  );
}

test('a row is added to every column', () => {
  const row = { atMs: 3000, measurements: measured(0.5, [0.25, 0.75]) };
  const history = appendRow(historyOf([[0, 0.25]]), row, INTERVAL_MS);
  expect(history.times).toEqual([0, 3000]);
  expect(history.cpuUsageRatio).toEqual([0.25, 0.5]);
  expect(history.load1Minute).toEqual([null, null]);
  expect(history.coreUsageRatios).toEqual([
    [null, 0.25],
    [null, 0.75],
  ]);
});

test('a sample that was read already is not added again', () => {
  const history = historyOf([
    [0, 0.25],
    [3000, 0.5],
  ]);
  expect(appendRow(history, { atMs: 3012, measurements: measured(0.5) }, INTERVAL_MS)).toBe(history);
  expect(appendRow(history, { atMs: 1000, measurements: measured(0.5) }, INTERVAL_MS)).toBe(history);
});

test('a silence of more than two intervals is a gap, a late sample is none', () => {
  const late = appendRow(historyOf([[0, 0.25]]), { atMs: 7000, measurements: measured(0.5) }, INTERVAL_MS);
  expect(late.times).toEqual([0, 7000]);
  const history = appendRow(historyOf([[0, 0.25]]), { atMs: 9000, measurements: measured(0.5) }, INTERVAL_MS);
  expect(history.times).toEqual([0, 3000, 9000]);
  expect(history.cpuUsageRatio).toEqual([0.25, null, 0.5]);
  expect(isGap(history, 1)).toBe(true);
});

test('a silence has one gap, however long it lasts', () => {
  const history = closeSilence(historyOf([[0, 0.25]]), 9000, INTERVAL_MS);
  expect(history.times).toEqual([0, 3000]);
  expect(closeSilence(history, 90_000, INTERVAL_MS)).toBe(history);
  const after = appendRow(history, { atMs: 96_000, measurements: measured(0.5) }, INTERVAL_MS);
  expect(after.times).toEqual([0, 3000, 96_000]);
});

test('a read history fills the hole between received rows', () => {
  const known = historyOf([
    [0, 0.1],
    [3000, 0.2],
    [30_000, 0.9],
  ]);
  const read = {
    ...historyOf([
      [0, 0.1],
      [3001, 0.2],
      [6000, 0.3],
      [9000, 0.4],
    ]),
    fromMs: 0,
    toMs: 10_000,
  };
  const merged = mergeHistory(known, read, INTERVAL_MS);
  expect(merged.times).toEqual([0, 3001, 6000, 9000, 12_000, 30_000]);
  expect(merged.cpuUsageRatio.map((ratio) => ratio && Math.round(ratio * 10) / 10)).toEqual([
    0.1,
    0.2,
    0.3,
    0.4,
    null,
    0.9,
  ]);
});

test('rows from before a hub was started again stay', () => {
  const known = historyOf([
    [0, 0.1],
    [3000, 0.2],
  ]);
  const merged = mergeHistory(known, historyOf([[60_000, 0.5]]), INTERVAL_MS);
  expect(merged.times).toEqual([0, 3000, 6000, 60_000]);
  expect(isGap(merged, 2)).toBe(true);
  expect(mergeHistory(known, emptyHistory(null, 0, 9000), INTERVAL_MS).times).toEqual([0, 3000]);
});

test('rows of a hub that keeps one sample in a few are no gaps', () => {
  const read = { ...historyOf([[0, 0.1]]), intervalMs: 5 * INTERVAL_MS };
  const history = appendRow(read, { atMs: 12_000, measurements: measured(0.2) }, INTERVAL_MS);
  expect(history.times).toEqual([0, 12_000]);
  const next = appendRow(history, { atMs: 15_000, measurements: measured(0.3) }, INTERVAL_MS);
  expect(next.times).toEqual([0, 12_000, 15_000]);
});

test('old rows leave with the window', () => {
  const history = moveWindow(
    historyOf([
      [0, 0.1],
      [3000, 0.2],
      [6000, 0.3],
    ]),
    9000,
    6000,
  );
  expect(history).toMatchObject({ fromMs: 3000, toMs: 9000, times: [3000, 6000] });
  expect(history.cpuUsageRatio).toHaveLength(2);
});
