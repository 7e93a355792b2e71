import type { SeriesHistory } from '@booner/protocol';
import { expect, it } from 'vitest';
import { cellsOf, summaryOf, topOf, valueText } from './series-texts.ts';

function historyOf(timesMs: number[], avg: (number | null)[], stepMs: number | null): SeriesHistory {
  const series = [{ metric: 'cpuUsageRatio' as const, device: null, avg, min: avg, max: avg }];
  return { host: null, fromMs: 0, toMs: 100, tier: 'raw', stepMs, timesMs, series, annotations: [] };
}

const columnsOf = (history: SeriesHistory, columns: number) => {
  const [series] = history.series;
  return series === undefined ? [] : cellsOf(history, series, columns).map((cell) => cell?.avg ?? null);
};

it('spreads points over columns of time, each until the next one, and keeps silences as gaps', () => {
  const sampled = historyOf([0, 10, 20, 30, 80, 90], [0.1, 0.2, 0.3, null, 0.5, 0.6], null);
  expect(columnsOf(sampled, 10)).toEqual([0.1, 0.2, 0.3, null, null, null, null, null, 0.5, 0.6]);
  const coarse = historyOf([0, 50], [0.2, 0.4], 50);
  expect(columnsOf(coarse, 4)).toEqual([0.2, 0.2, 0.4, 0.4]);
  expect(columnsOf(historyOf([0, 10, 20, 30], [0.2, 0.4, 0.6, 0.8], 10), 2)[0]).toBeCloseTo(0.5);
  expect(columnsOf(historyOf([], [], 10), 3)).toEqual([null, null, null]);
});

it('summarizes what is known, and formats it in the unit of the metric', () => {
  const [series] = historyOf([0, 50, 60], [0.25, null, 0.75], null).series;
  expect(series && summaryOf(series)).toEqual({ last: 0.75, avg: 0.5, min: 0.25, max: 0.75 });
  expect(series && topOf(series)).toBe(1);
  expect(valueText('cpuUsageRatio', 0.1234)).toBe('12.3 %');
  expect(valueText('receivedBytesPerSecond', 2048)).toBe('2.00 KB/s');
  expect(valueText('load1Minute', 12.345)).toBe('12.3');
  expect(valueText('memoryUsedBytes', null)).toBe('--');
});
