import type { TargetSummary } from '@booner/protocol';
import { expect, it } from 'vitest';
import { followTrouble } from './recent-trouble.ts';

const target = (changes: Partial<TargetSummary>) =>
  ({
    host: '10.0.0.2',
    status: 'active',
    cpuUsageRatio: null,
    memoryUsedBytes: null,
    ...changes,
  }) as unknown as TargetSummary;

it('counts CPU by the mean of the last minute, so that one sample moves no row', () => {
  let loads: readonly (number | null)[] = [0.1, 0.1, null, 0.1];
  const shortagesOf = followTrouble({ of: () => loads });
  expect(shortagesOf(target({ cpuUsageRatio: 0.99 }))).toEqual([]);
  loads = [0.95, 0.97];
  expect(shortagesOf(target({ cpuUsageRatio: 0.1 }))).toEqual(['CPU 96 %']);
  loads = [];
  expect(shortagesOf(target({ host: 'new', cpuUsageRatio: 0.99 } as Partial<TargetSummary>))).toEqual([
    'CPU 99 %',
  ]);
});

it('keeps a target about the limit where it is, and shows nothing of a silent one', () => {
  const shortagesOf = followTrouble({ of: () => [] });
  const at = (diskUsageRatio: number) => shortagesOf(target({ diskUsageRatio }));
  expect([0.89, 0.9, 0.86, 0.84, 0.86].map((ratio) => at(ratio).length)).toEqual([0, 1, 1, 0, 0]);
  expect(shortagesOf(target({ diskUsageRatio: 0.99, status: 'offline' }))).toEqual([]);
});
