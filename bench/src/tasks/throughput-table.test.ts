import { expect, test } from 'vitest';
import { type ContestantFigures, presentThroughput, type ThroughputFigures } from './throughput-table.ts';

const contestant = (tasksPerSecond: number, cpuUsPerTask: Record<string, number>): ContestantFigures => ({
  completed: 2000,
  tasksPerSecond,
  wholeUs: { count: 2000, p50: 40_000, p99: 95_000, max: 120_000 },
  cpuUsPerTask,
});

const figures = (kind: ThroughputFigures['kind'], tasksPerSecond: number): ThroughputFigures => ({
  runners: 10,
  inFlight: 200,
  kind,
  booner: contestant(tasksPerSecond, { hub: 1500, Redis: 600, runner: 300, callers: 700 }),
  bullMq: contestant(1000, { Redis: 500, runner: 400, callers: 300 }),
});

test('each system has a row, with the rate beside that of its peer and the CPU of all its processes', () => {
  expect(presentThroughput([figures('simulated', 500)], []).rows).toEqual([
    ['10', 'nothing', 'Booner', '500', '0.50', '40 / 95', '1500', '600', '300', '700', '3100'],
    ['10', 'nothing', 'BullMQ', '1000', '', '40 / 95', '-', '500', '400', '300', '1200'],
  ]);
});

test('only simulated runners have goals: a process for each task is a cost of the machine', () => {
  const { goals } = presentThroughput([figures('simulated', 299), figures('real', 100)], []);
  expect(goals).toEqual([
    {
      what: 'tasks a second, simulated runners: 10',
      figure: '299',
      goal: 'at least 300',
      isMet: false,
    },
  ]);
});
