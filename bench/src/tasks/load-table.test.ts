import { expect, test } from 'vitest';
import { type LoadFigures, presentLoad } from './load-table.ts';

const GOOD: LoadFigures = {
  clients: 1000,
  tasks: 240,
  elapsedMs: 10_000,
  events: 10_010,
  reports: 9001,
  dueReports: 9000,
  latenessUs: { count: 9000, p50: 2000, p99: 9000, max: 20_000 },
  hubCpuRatio: 0.6,
  redisCpuRatio: 0.1,
  hubRssBytes: 150 * 2 ** 20,
  ageUs: { count: 40_000, p50: 9000, p99: 30_000, max: 60_000 },
  version1AgeUs: { count: 500, p50: 30_000, p99: 80_000, max: 90_000 },
  version1Messages: 190,
  version1Bytes: 190 * 20 * 1024,
  eventsInAll: 16_000,
};

test('a good run has a row and no problems', () => {
  const { rows, failures, goals } = presentLoad([GOOD], []);
  expect(rows).toEqual([
    ['1000', '1001', '60.0 %', '150.0 MiB', '10.0 %', '9.0 / 30', '30 / 80', '19.0', '20.0', '16000'],
  ]);
  expect(failures).toEqual([]);
  expect(goals.map(({ isMet }) => isMet)).toEqual([true]);
});

test('more than 20 messages a second to version 1 are a goal that is not met', () => {
  expect(presentLoad([{ ...GOOD, version1Messages: 210 }], []).goals[0]?.isMet).toBe(false);
});

test.each([
  ['reports were sent', { reports: 8000 }],
  ['late at p99', { latenessUs: { count: 1, p50: 1, p99: 300_000, max: 300_000 } }],
  ['the hub does not keep up', { events: 8000 }],
  ['no progress came', { ageUs: null }],
  ['no end came', { version1AgeUs: null }],
])('a run is a failure when its figures are worthless: %s', (problem, change) => {
  expect(presentLoad([{ ...GOOD, ...change }], []).failures).toEqual([expect.stringContaining(problem)]);
});
