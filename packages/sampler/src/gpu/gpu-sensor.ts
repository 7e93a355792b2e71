import type { GpuMeasurement } from '@booner/protocol';
import type { Sensor } from '../sensor.ts';
import { type FoundGpus, findGpus, type GpuPaths } from './find-gpus.ts';
import { type NvidiaMonitor, type NvidiaMonitorOptions, startNvidiaMonitor } from './nvidia-monitor.ts';
import { createSysfsGpuReader, type SysfsGpuReader } from './sysfs-gpu-reader.ts';

export type GpuSensorOptions = GpuPaths & {
  readonly nvidia?: NvidiaMonitorOptions;
  /** Minimum time between two searches for added or removed GPUs; default 10 minutes. */
  readonly searchIntervalMs?: number;
};

const NONE: GpuMeasurement[] = [];

/**
 * Starts the sensor of all GPUs: NVIDIA's through one long-running `nvidia-smi`, AMD's and Intel's
 * through /sys. It searches for GPUs at the start and then at most once per interval, alongside a
 * read and never within it. On a host without a GPU it spawns nothing, and `read` returns the same
 * empty array each time.
 *
 * `read` rejects with NVIDIA's reason if those are the only GPUs. Beside others they are listed
 * with unknown values.
 */
export async function startGpuSensor(
  { nvidia = {}, searchIntervalMs = 600_000, ...paths }: GpuSensorOptions,
  { signal }: { signal: AbortSignal },
): Promise<Sensor<GpuMeasurement[]> & AsyncDisposable> {
  let monitor: (NvidiaMonitor & AsyncDisposable) | null = null;
  let found: FoundGpus = { nvidia: false, nvidiaCount: 0, others: [] };
  let readers: readonly SysfsGpuReader[] = [];
  let searchedAtMs = 0;
  let search: Promise<void> | null = null;
  let searchFailure: unknown = null;
  let disposed = false;

  const look = async (): Promise<void> => {
    const next = await findGpus(paths);
    if (JSON.stringify(next.others) !== JSON.stringify(found.others)) {
      // otherwise kept, as they hold energy counters
      readers = next.others.map((gpu) => createSysfsGpuReader(gpu));
    }
    found = next;
    if (next.nvidia && monitor === null && !disposed) monitor = await startNvidiaMonitor(nvidia, { signal });
    if (!next.nvidia && monitor !== null) {
      const gone = monitor;
      monitor = null;
      await gone[Symbol.asyncDispose]();
    }
  };
  const lookAgain = () => {
    searchedAtMs = performance.now();
    search = look()
      .catch((error: unknown) => {
        searchFailure = error; // the next read throws it
      })
      .finally(() => {
        search = null;
      });
  };

  await look();
  searchedAtMs = performance.now();

  const readAll = async (nvidiaMonitor: NvidiaMonitor | null): Promise<GpuMeasurement[]> => {
    const gpus = nvidiaMonitor === null ? [] : [...(await readNvidia(nvidiaMonitor, found))];
    let index = 1 + gpus.reduce((highest, gpu) => Math.max(highest, gpu.index), -1);
    for (const reader of readers) gpus.push(await reader.read(index++));
    return gpus;
  };

  return {
    read() {
      if (searchFailure !== null) {
        const failure = searchFailure;
        searchFailure = null;
        throw failure;
      }
      if (search === null && performance.now() - searchedAtMs >= searchIntervalMs) lookAgain();
      return monitor === null && readers.length === 0 ? NONE : readAll(monitor);
    },
    async [Symbol.asyncDispose]() {
      disposed = true;
      await search;
      await monitor?.[Symbol.asyncDispose]();
    },
  };
}

/**
 * Returns NVIDIA's GPUs. If they cannot be read but other GPUs can, returns what is known about
 * them.
 */
async function readNvidia(
  monitor: NvidiaMonitor,
  { others, nvidiaCount }: FoundGpus,
): Promise<readonly GpuMeasurement[]> {
  try {
    return await monitor.read();
  } catch (reason) {
    if (others.length === 0) throw reason;
    const known = monitor.known();
    if (known.length > 0) return known.map(({ index, name }) => unreadNvidia(index, name));
    return Array.from({ length: nvidiaCount }, (_, index) => unreadNvidia(index, 'NVIDIA GPU'));
  }
}

function unreadNvidia(index: number, name: string): GpuMeasurement {
  return {
    index,
    vendor: 'nvidia',
    name,
    usageRatio: null,
    memoryTotalBytes: null,
    memoryUsedBytes: null,
    temperatureCelsius: null,
    powerWatts: null,
  };
}
