import type { Measurements } from '@booner/protocol';
import { SamplerError } from '../sampler-error.ts';
import type { Sensor } from '../sensor.ts';
import type { KernelFile } from './kernel-files.ts';

type Memory = NonNullable<Measurements['memory']>;
type Swap = NonNullable<Measurements['swap']>;

/**
 * Memory from proc_meminfo(5). `cachedBytes` is the page cache plus reclaimable slabs, as in
 * `free`.
 */
export const createMemorySensor = (meminfo: KernelFile): Sensor<Memory> => ({
  read() {
    const text = meminfo.read();
    const totalBytes = requiredBytes(text, 'MemTotal');
    const availableBytes = Math.min(
      readBytes(text, 'MemAvailable') ?? estimateAvailableBytes(text),
      totalBytes,
    );
    const pageCacheBytes = readBytes(text, 'Cached');
    return {
      totalBytes,
      usedBytes: totalBytes - availableBytes,
      availableBytes,
      buffersBytes: readBytes(text, 'Buffers'),
      cachedBytes: pageCacheBytes === null ? null : pageCacheBytes + (readBytes(text, 'SReclaimable') ?? 0),
    };
  },
});

/**
 * Swap space from proc_meminfo(5); 0 bytes if the host has none. `null` if the kernel was built
 * without swap.
 */
export const createSwapSensor = (meminfo: KernelFile): Sensor<Swap> => ({
  read() {
    const text = meminfo.read();
    const totalBytes = readBytes(text, 'SwapTotal');
    if (totalBytes === null) return null;
    return { totalBytes, usedBytes: Math.max(totalBytes - requiredBytes(text, 'SwapFree'), 0) };
  },
});

/**
 * Computes available memory for kernels before Linux 3.14, which do not report it: free memory, the
 * file-backed part of the page cache and reclaimable slabs. Shared memory is in the page cache but
 * cannot be dropped.
 */
function estimateAvailableBytes(text: string): number {
  const cacheBytes =
    (readBytes(text, 'Buffers') ?? 0) + (readBytes(text, 'Cached') ?? 0) - (readBytes(text, 'Shmem') ?? 0);
  return requiredBytes(text, 'MemFree') + Math.max(cacheBytes, 0) + (readBytes(text, 'SReclaimable') ?? 0);
}

function requiredBytes(text: string, field: string): number {
  const bytes = readBytes(text, field);
  if (bytes === null) throw new SamplerError('bad_format', `/proc/meminfo has no ${field}`);
  return bytes;
}

/** Returns a field in bytes; `null` if missing. The kernel's `kB` are 1024 bytes. */
function readBytes(text: string, field: string): number | null {
  const start = text.startsWith(`${field}:`) ? 0 : text.indexOf(`\n${field}:`) + 1;
  if (start === 0 && !text.startsWith(`${field}:`)) return null;
  const kibibytes = Number.parseInt(text.slice(start + field.length + 1, start + field.length + 32), 10);
  return kibibytes >= 0 ? kibibytes * 1024 : null;
}
