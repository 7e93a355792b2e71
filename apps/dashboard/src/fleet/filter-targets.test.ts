import type { TargetSummary } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { countLabels, filterTargets } from './filter-targets.ts';
import { createTroubleOrder } from './trouble-order.ts';

const hosts = (targets: readonly TargetSummary[]) => targets.map(({ host }) => host);

describe('a filter', () => {
  const fleet = createTroubleOrder()([
    fakeTarget('10.0.0.2'),
    fakeTarget('10.0.0.3', { label: null, diskUsageRatio: 0.99 }),
    fakeTarget('10.0.0.4', { label: 'Game server', status: 'offline' }),
  ]);

  it('finds every word in host, label or specs', () => {
    expect(hosts(filterTargets(fleet, { q: 'server GAME' }))).toEqual(['10.0.0.4']);
    expect(hosts(filterTargets(fleet, { q: 'cores 0.3' }))).toEqual(['10.0.0.3']);
    expect(filterTargets(fleet, { q: '  ' })).toBe(fleet.targets);
  });

  it('takes status and label together', () => {
    expect(hosts(filterTargets(fleet, { status: 'trouble' }))).toEqual(['10.0.0.4', '10.0.0.3']);
    expect(hosts(filterTargets(fleet, { status: 'active', label: 'web' }))).toEqual(['10.0.0.2']);
    expect([...countLabels(fleet.targets)]).toEqual([
      ['Game server', 1],
      ['web', 1],
    ]);
  });
});
