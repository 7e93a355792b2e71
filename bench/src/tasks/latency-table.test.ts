import { expect, test } from 'vitest';
import { type LatencyFigures, presentLatency } from './latency-table.ts';

const figures = (otherClients: number, p99: number): LatencyFigures => ({
  otherClients,
  rounds: 100,
  createdUs: { count: 100, p50: 2100, p99, max: p99 },
  reportUs: { count: 400, p50: 1100, p99: 9000, max: 9000 },
  version1CreatedUs: { count: 100, p50: 2500, p99: 7000, max: 7000 },
  version1EndUs: { count: 100, p50: 1500, p99: 6000, max: 6000 },
});

test('events have a goal only with 100 other clients', () => {
  const { goals } = presentLatency([figures(0, 99_000), figures(100, 15_001), figures(1000, 99_000)], []);
  expect(goals.map(({ what, isMet }) => [what, isMet])).toEqual([
    ['POST to event at p99: 100 other clients', false],
    ['report to event at p99: 100 other clients', true],
  ]);
});

test('each pair is p50 and p99 in milliseconds', () => {
  expect(presentLatency([figures(100, 12_345)], []).rows).toEqual([
    ['100', '100', '2.1 / 12', '1.1 / 9.0', '2.5 / 7.0', '1.5 / 6.0'],
  ]);
});
