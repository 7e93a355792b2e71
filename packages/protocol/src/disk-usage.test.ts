import { expect, it } from 'vitest';
import { diskUsableBytes, diskUsageRatio } from './disk-usage.ts';

const UNKNOWN = { totalBytes: null, usedBytes: null, availableBytes: null };

it('leaves out what is reserved for root', () => {
  const space = { totalBytes: 100, usedBytes: 20, availableBytes: 60 };
  expect(diskUsageRatio(space)).toBe(0.25);
  expect(diskUsableBytes(space)).toBe(80);
});

it('says that a disk is full when ordinary users can write nothing more', () => {
  expect(diskUsageRatio({ totalBytes: 100, usedBytes: 95, availableBytes: 0 })).toBe(1);
  expect(diskUsageRatio({ totalBytes: 100, usedBytes: 99, availableBytes: 0 })).toBe(1);
});

it('takes the size where what is available is not known', () => {
  expect(diskUsageRatio({ totalBytes: 100, usedBytes: 25, availableBytes: null })).toBe(0.25);
});

it('is null for what is not known, and for a file system without blocks', () => {
  expect(diskUsageRatio(null)).toBeNull();
  expect(diskUsageRatio(UNKNOWN)).toBeNull();
  expect(diskUsageRatio({ totalBytes: 100, usedBytes: null, availableBytes: 50 })).toBeNull();
  expect(diskUsageRatio({ totalBytes: 0, usedBytes: 0, availableBytes: 0 })).toBeNull();
});
