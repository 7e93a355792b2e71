import type { FileSystemMeasurement } from './measurements.ts';

/** Sizes of a file system in bytes. `null` if unknown. */
export type DiskSpace = Pick<FileSystemMeasurement, 'totalBytes' | 'usedBytes' | 'availableBytes'>;

/**
 * Returns the used share of a file system, 0 to 1: used / (used + available), as `df` and psutil
 * compute it. Blocks reserved for root count as neither, so a disk that ordinary users can no
 * longer write to is at 1. Texts round to the nearest whole percentage, like all others. `df`
 * rounds up, so the two may differ by one point.
 * @returns `null` if the use is unknown or the file system has no blocks
 */
export function diskUsageRatio(space: DiskSpace | null): number | null {
  const usableBytes = diskUsableBytes(space);
  const usedBytes = space?.usedBytes ?? null;
  return usedBytes === null || usableBytes === null ? null : Math.min(1, usedBytes / usableBytes);
}

/**
 * Returns the bytes that are used or can still be used, where {@link diskUsageRatio} is 1. Falls
 * back to the size on systems that do not report available space.
 */
export function diskUsableBytes(space: DiskSpace | null): number | null {
  if (space === null) return null;
  const { totalBytes, usedBytes, availableBytes } = space;
  const usableBytes = usedBytes === null || availableBytes === null ? totalBytes : usedBytes + availableBytes;
  return usableBytes === null || usableBytes === 0 ? null : usableBytes;
}
