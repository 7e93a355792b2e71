import { describe, expect, it } from 'vitest';
import { burstWatch } from './release-after-bursts.ts';

describe('burstWatch', () => {
  it('says once that many connections have come and settled', () => {
    const isOver = burstWatch();
    expect([0, 400, 1000, 1010, 1010, 1005].map(isOver)).toEqual([true, false, false, true, false, false]);
  });

  it('says so, too, when they have gone', () => {
    const isOver = burstWatch();
    expect([1000, 1000, 500, 3, 3].map(isOver)).toEqual([false, true, false, false, true]);
  });

  it('takes a few, or ever changing ones, for no burst that is over', () => {
    const isOver = burstWatch();
    expect(isOver(0)).toBe(true); // the start
    expect([10, 150, 150, 199, 199].map(isOver)).toEqual([false, false, false, false, false]);
    expect([300, 400, 300, 400].map(isOver)).toEqual([false, false, false, false]);
  });
});
