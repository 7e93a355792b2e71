import { expect, test } from 'vitest';
import { type IngestFigures, presentIngest } from './ingest-table.ts';

const GOOD: IngestFigures = {
  agents: 10_000,
  clients: 10,
  hubCpuRatio: 0.29,
  redisCpuRatio: 0.07,
  rssBytes: 200 * 2 ** 20,
  anonymousBytes: 150 * 2 ** 20,
  published: 200_000,
  expectedPublished: 200_000,
  latenessUs: { count: 200_000, p50: 2000, p99: 8000, max: 30_000 },
  sampleAgeMs: { count: 1000, p50: 1500, p99: 2990, max: 3010 },
  expectedWatched: 1000,
  gapDeviationUs: { count: 190, p50: 400, p99: 60_000, max: 61_000 },
  listedAgents: 10_000,
};

test('goals apply to the scenarios that they were set for, cadence to each', () => {
  const small = { ...GOOD, agents: 100, clients: 1000, listedAgents: 100, rssBytes: 109 * 2 ** 20 };
  const { goals, failures } = presentIngest([GOOD, small], []);
  expect(goals.map(({ what, isMet }) => [what, isMet])).toEqual([
    ['CPU of the hub: 10000 agents, 10 clients', true],
    ['cadence off at p99: 10000 agents, 10 clients', false],
    ['RSS of the hub: 100 agents, 1000 clients', true],
    ['cadence off at p99: 100 agents, 1000 clients', false],
  ]);
  expect(failures).toEqual([]);
});

test.each([
  ['samples were published', { published: 150_000 }],
  ['late at p99', { latenessUs: { count: 1, p50: 1, p99: 700_000, max: 700_000 } }],
  ['samples came to the client', { sampleAgeMs: null }],
  ['no messages came', { gapDeviationUs: null }],
  ['the hub lists 9999 agents', { listedAgents: 9999 }],
])('a run is a failure when its figures are worthless: %s', (problem, change) => {
  expect(presentIngest([{ ...GOOD, ...change }], []).failures).toEqual([expect.stringContaining(problem)]);
});
