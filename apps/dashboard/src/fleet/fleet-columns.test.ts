import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { emptyColumns, nextSort } from './fleet-columns.ts';

describe('the columns of the fleet', () => {
  it('sort by the largest first, then by the smallest, then by trouble again', () => {
    const first = nextSort(null, 'cpu');
    expect(first).toEqual({ id: 'cpu', desc: true });
    const second = nextSort(first, 'cpu');
    expect(second).toEqual({ id: 'cpu', desc: false });
    expect(nextSort(second, 'cpu')).toBeNull();
    expect(nextSort(second, 'host')).toEqual({ id: 'host', desc: false });
    expect(nextSort(nextSort(null, 'status'), 'status')).toBeNull();
  });

  it('leave out what there is nothing to say about', () => {
    const gpu = {
      name: 'x',
      usageRatio: 0.5,
      memoryTotalBytes: 1,
      memoryUsedBytes: 1,
      temperatureCelsius: 40,
    };
    expect([...emptyColumns([fakeTarget('a')])]).toEqual(['gpu']);
    expect([...emptyColumns([fakeTarget('a'), fakeTarget('b', { gpus: [gpu] })])]).toEqual([]);
    expect([...emptyColumns([fakeTarget('a', { gpus: null, temperatureCelsius: null })])]).toEqual([
      'gpu',
      'temperature',
    ]);
  });
});
