import type { TargetSummary } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { createTroubleOrder } from './trouble-order.ts';

const hosts = (targets: readonly TargetSummary[]) => targets.map(({ host }) => host);

describe('the order of a fleet', () => {
  it('puts what is offline first, then what is in trouble, then all others as they came', () => {
    const order = createTroubleOrder();
    const { targets } = order([
      fakeTarget('10.0.0.2', { cpuUsageRatio: 0.95 }),
      fakeTarget('10.0.0.3', { diskUsageRatio: 0.91 }),
      fakeTarget('10.0.0.7', { status: 'offline' }),
      fakeTarget('10.0.0.8', { status: 'pending' }),
      fakeTarget('10.0.0.9'),
      fakeTarget('10.0.0.10'),
    ]);
    expect(hosts(targets)).toEqual(['10.0.0.7', '10.0.0.2', '10.0.0.3', '10.0.0.8', '10.0.0.9', '10.0.0.10']);
  });

  it('keeps a host about the limit where it is', () => {
    const order = createTroubleOrder();
    const ofCpu = (cpuUsageRatio: number) =>
      hosts(order([fakeTarget('a'), fakeTarget('b', { cpuUsageRatio })]).targets);
    expect([0.89, 0.9, 0.86, 0.84, 0.86].map(ofCpu).map(([first]) => first)).toEqual([
      'a',
      'b',
      'b',
      'a',
      'a',
    ]);
  });
});
