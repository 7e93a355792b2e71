import { LONG_TASK_MS } from '../measure/long-tasks.ts';
import { atMost, type PartResult } from '../part-result.ts';

/** One change of the range. */
export type RangeChange = {
  readonly range: string;
  /** From the click to the frame that shows the first chart. */
  readonly ms: number;
  /** Tasks of over 50 ms that held the page meanwhile. */
  readonly longTasksMs: readonly number[];
};

export type DashboardFigures = {
  readonly days: number;
  readonly charts: number;
  readonly changes: readonly RangeChange[];
};

const LIMIT_MS = 300;

const formatMs = (ms: number): string => `${ms.toFixed(0)} ms`;

export function presentDashboard(figures: DashboardFigures): PartResult {
  const { days, charts, changes } = figures;
  const ranges = [...Map.groupBy(changes, ({ range }) => range)].map(([range, same]) => {
    const sorted = same.map(({ ms }) => ms).sort((a, b) => a - b);
    const tasks = same.flatMap(({ longTasksMs }) => longTasksMs);
    return {
      range,
      count: same.length,
      medianMs: sorted[Math.floor(sorted.length / 2)] as number,
      mostMs: sorted.at(-1) as number,
      longTasks: tasks.length,
      longestTaskMs: Math.max(0, ...tasks),
    };
  });
  return {
    title: `History, dashboard: ${days} days of a target, ${charts} charts`,
    head: ['range', 'changes', 'median / most ms', 'long tasks', 'longest ms'],
    rows: ranges.map(({ range, count, medianMs, mostMs, longTasks, longestTaskMs }) => [
      range,
      String(count),
      `${medianMs.toFixed(0)} / ${mostMs.toFixed(0)}`,
      String(longTasks),
      longTasks === 0 ? '-' : longestTaskMs.toFixed(0),
    ]),
    goals: ranges.flatMap(({ range, mostMs, longestTaskMs }) => [
      atMost(`range ${range}, click to pixels`, mostMs, LIMIT_MS, formatMs),
      atMost(`range ${range}, longest task`, longestTaskMs, LONG_TASK_MS, formatMs),
    ]),
    notes: ['Reading the pixels of the first chart, to notice that it has changed, is part of the time.'],
    failures: ranges.length === 0 || charts === 0 ? ['no chart was drawn'] : [],
    figures,
  };
}
