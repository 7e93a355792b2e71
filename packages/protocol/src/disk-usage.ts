import type { FileSystemMeasurement } from './measurements.ts';

/** Bytes of a file system; `null` for what is not known. */
export type DiskSpace = Pick<FileSystemMeasurement, 'totalBytes' | 'usedBytes' | 'availableBytes'>;

/**
 * Share of a file system that is used, 0 to 1: used / (used + available), as `df` and psutil compute it. Blocks reserved for root
 * count as neither, so that a disk that ordinary users cannot write to any more is at 1. Texts round it to the nearest
 * whole percentage, as all others; `df` rounds up, so that the two may differ by one point.
 * @returns `null` when the use is not known, or the file system has no blocks
 */
export function diskUsageRatio(space: DiskSpace | null): number | null {
  const usableBytes = diskUsableBytes(space);
  const usedBytes = space?.usedBytes ?? null;
  return usedBytes === null || usableBytes === null ? null : Math.min(1, usedBytes / usableBytes);
}

/**
 * Bytes of a file system that are used or can still be used: where {@link diskUsageRatio} is 1. Some systems do not tell what is
 * available; then it is the size.
 */
export function diskUsableBytes(space: DiskSpace | null): number | null {
  if (space === null) return null;
  const { totalBytes, usedBytes, availableBytes } = space;
  const usableBytes = usedBytes === null || availableBytes === null ? totalBytes : usedBytes + availableBytes;
  return usableBytes === null || usableBytes === 0 ? null : usableBytes;
}
