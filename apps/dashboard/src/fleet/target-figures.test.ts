import { describe, expect, it } from 'vitest';
import { fakeTarget } from '../testing/fake-target.ts';
import { figuresOf, isSilent } from './target-figures.ts';

describe('the figures of a target', () => {
  it('have the disk as the hub counts it, and none from a hub that does not', () => {
    expect(figuresOf(fakeTarget('a', { diskUsageRatio: 0.25 })).diskRatio).toBe(0.25);
    expect(figuresOf(fakeTarget('a', { diskUsageRatio: undefined })).diskRatio).toBeNull();
  });

  it('take the busiest GPU, and its memory when none says how busy it is', () => {
    const gpu = {
      name: 'x',
      usageRatio: null,
      memoryTotalBytes: 10,
      memoryUsedBytes: 8,
      temperatureCelsius: null,
    };
    expect(figuresOf(fakeTarget('a', { gpus: [gpu] })).gpuRatio).toBe(0.8);
    expect(figuresOf(fakeTarget('a', { gpus: [gpu, { ...gpu, usageRatio: 0.1 }] })).gpuRatio).toBe(0.1);
    expect(figuresOf(fakeTarget('a')).gpuRatio).toBeNull();
  });

  it('are no longer of now when the host was silent for two of its intervals', () => {
    expect(isSilent(fakeTarget('a'), 16_000)).toBe(false);
    expect(isSilent(fakeTarget('a'), 16_001)).toBe(true);
  });
});
