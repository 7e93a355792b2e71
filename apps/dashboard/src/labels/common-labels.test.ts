import type { TargetSummary } from '@booner/protocol';
import { expect, it } from 'vitest';
import { commonLabels, labelDetail } from './common-labels.ts';

const targets: readonly Pick<TargetSummary, 'labels' | 'operatorLabels'>[] = [
  { labels: { role: 'db', env: 'prod', old: '1' }, operatorLabels: { env: 'prod', old: '1' } },
  { labels: { role: 'db', env: 'test' }, operatorLabels: { env: 'test', role: 'db' } },
  { labels: { role: 'db', zone: 'x', env: 'prod' }, operatorLabels: { env: 'prod' } },
];

it('tells what targets have in common, and who set it', () => {
  const labels = commonLabels(targets);
  expect(labels).toEqual([
    { key: 'env', value: null, count: 3, operatorCount: 3 },
    { key: 'role', value: 'db', count: 3, operatorCount: 1 },
    { key: 'old', value: '1', count: 1, operatorCount: 1 },
    { key: 'zone', value: 'x', count: 1, operatorCount: 0 },
  ]);
  expect(labels.map((label) => labelDetail(label, 3))).toEqual([
    'different values, operator',
    'operator, agent',
    'operator, 1 of 3',
    'agent, 1 of 3',
  ]);
});

it('finds none on targets of an older hub', () => {
  expect(commonLabels([{}])).toEqual([]);
});
