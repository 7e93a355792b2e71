import { expect, test } from 'vitest';
import { presentDashboard } from './dashboard-table.ts';
import { presentReading, type ReadingFigures } from './reading-table.ts';
import { presentSize, type SizeFigures } from './size-table.ts';
import { presentWriting, type WritingFigures } from './writing-table.ts';

const SIZE: SizeFigures = {
  tiers: [
    { tier: 0, blocks: 10, bytes: 700, values: 1000 },
    { tier: 0, blocks: 10, bytes: 800, values: 1000 },
    { tier: 1, blocks: 1, bytes: 2400, values: 1000 },
    { tier: 4, blocks: 1, bytes: 9000, values: 1000 },
  ],
  seriesPerSample: 61,
  fileBytesPerBlockByte: 1.1,
  cpuUsPerSample: 60,
  rowBytesPerValue: 25,
  jsonBytesPerValue: 12,
};

test('bytes of all layouts of a tier are added up; the coarsest tiers have no goal', () => {
  const { goals, rows, failures } = presentSize(SIZE);
  expect(goals.map(({ what, figure, isMet }) => [what, figure, isMet])).toEqual([
    ['bytes a value: raw', '0.75 B', true],
    ['bytes a value: 10 s', '2.40 B', false],
  ]);
  expect(rows).toHaveLength(5);
  expect(failures).toEqual([]);
  expect(presentSize({ ...SIZE, tiers: SIZE.tiers.slice(0, 2) }).failures).toEqual(['no rollups were made']);
});

const writing = (agents: number, hasHistory: boolean, hubCpuRatio: number): WritingFigures => ({
  agents,
  hasHistory,
  hubCpuRatio,
  rssBytes: (hasHistory ? 150 : 100) * 2 ** 20,
  lagP99Ms: 3,
  lagMaxMs: 12,
});

test('goals are about what a history adds to a hub', () => {
  const figures = [
    writing(1000, false, 0.07),
    writing(1000, true, 0.1),
    writing(10_000, false, 0.25),
    writing(10_000, true, 0.56),
  ];
  expect(presentWriting(figures, []).goals.map(({ figure, isMet }) => [figure, isMet])).toEqual([
    ['3.0 %', true],
    ['50.0 MiB', false],
    ['12.0 ms', true],
    ['31.0 %', false],
  ]);
  expect(presentWriting(figures.slice(1, 2), []).goals).toEqual([]);
});

test('each kind of request has its own limit, and none may be missing', () => {
  const request = (p99: number) => ({ timesUs: { count: 100, p50: 2000, p99, max: p99 }, bytes: 2048 });
  const figures: ReadingFigures = {
    hosts: 1000,
    days: 30,
    filledS: 90,
    metric: request(31_000),
    page: request(149_000),
    ranking: request(299_000),
  };
  const { goals, rows } = presentReading(figures);
  expect(goals.map(({ isMet }) => isMet)).toEqual([false, true, true]);
  expect(rows[0]).toEqual(['one metric, 30 d in 500 points', '100', '2.0 / 31', '31', '2']);
  const page = { timesUs: null, bytes: 0 };
  expect(presentReading({ ...figures, page }).failures).toHaveLength(1);
});

test('the slowest change and the longest task of each range count', () => {
  const change = (range: string, ms: number, longTasksMs: number[] = []) => ({ range, ms, longTasksMs });
  const changes = [change('30d', 100), change('24h', 80), change('30d', 310, [51, 70]), change('30d', 120)];
  const { rows, goals, failures } = presentDashboard({ days: 30, charts: 12, changes });
  expect(rows).toEqual([
    ['30d', '3', '120 / 310', '2', '70'],
    ['24h', '1', '80 / 80', '0', '-'],
  ]);
  expect(goals.map(({ figure, isMet }) => [figure, isMet])).toEqual([
    ['310 ms', false],
    ['70 ms', false],
    ['80 ms', true],
    ['0 ms', true],
  ]);
  expect(failures).toEqual([]);
  expect(presentDashboard({ days: 30, charts: 0, changes: [] }).failures).toEqual(['no chart was drawn']);
});
