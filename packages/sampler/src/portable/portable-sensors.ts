import { loadavg, platform, uptime } from 'node:os';
import type { Measurements } from '@booner/protocol';
import si from 'systeminformation';
import type { SensorSet } from '../sensor-set.ts';
import { knownAmount, requireAmount } from './known-figure.ts';
import { createPortableCpuSensor } from './portable-cpu.ts';
import { createPortableNetworkSensor } from './portable-network.ts';
import { createPortableDiskSensor, createPortableFileSystemSensor } from './portable-storage.ts';
import { createPortableTemperatureSensor } from './portable-temperatures.ts';

const windows = platform() === 'win32';

/**
 * Creates the sensors for systems without /proc (macOS, Windows), from Node.js and
 * systeminformation, which starts processes for most of them. Load this module by a dynamic import:
 * the library takes 30 MB that a Linux host need not spend.
 */
export function createPortableSensors() {
  const readMemory = shareCalls(() => si.mem());
  return {
    uptimeSeconds: { read: () => uptime() },
    cpu: createPortableCpuSensor(),
    loadAverage: { read: readLoadAverage },
    memory: { read: async () => toMemory(await readMemory()) },
    swap: { read: async () => toSwap(await readMemory()) },
    fileSystems: createPortableFileSystemSensor(),
    disks: createPortableDiskSensor(),
    network: createPortableNetworkSensor(),
    temperatures: createPortableTemperatureSensor(),
    processes: { read: readProcesses },
  } satisfies SensorSet;
}

export type PortableSensors = ReturnType<typeof createPortableSensors>;

/** Windows has no load average; Node.js returns zeros there. */
function readLoadAverage(): Measurements['loadAverage'] {
  if (windows) return null;
  const [last1Minute = 0, last5Minutes = 0, last15Minutes = 0] = loadavg();
  return { last1Minute, last5Minutes, last15Minutes };
}

/** Bytes, as systeminformation names them. */
export type MemoryFigures = {
  readonly total: number;
  readonly available: number;
  readonly buffers: number;
  readonly cached: number;
  readonly swaptotal: number;
  readonly swapused: number;
};

/** systeminformation returns 0 for buffers and cache if the system does not report them. */
export function toMemory({
  total,
  available,
  buffers,
  cached,
}: MemoryFigures): NonNullable<Measurements['memory']> {
  const totalBytes = requireAmount(total, 'the size of the memory is not known');
  const availableBytes = Math.min(totalBytes, requireAmount(available, 'the free memory is not known'));
  return {
    totalBytes,
    usedBytes: totalBytes - availableBytes,
    availableBytes,
    buffersBytes: knownAmount(buffers) || null,
    cachedBytes: knownAmount(cached) || null,
  };
}

export function toSwap({ swaptotal, swapused }: MemoryFigures): NonNullable<Measurements['swap']> {
  const totalBytes = requireAmount(swaptotal, 'the size of the swap is not known');
  const usedBytes = requireAmount(swapused, 'the use of the swap is not known');
  return { totalBytes, usedBytes: Math.min(totalBytes, usedBytes) };
}

/** Unlike on Linux these are processes, not threads. Windows does not report their states. */
async function readProcesses(): Promise<Measurements['processes']> {
  const { all, running, blocked } = await si.processes();
  if (windows) throw new Error('Windows does not report process states');
  if (!(all > 0)) throw new Error('the processes could not be listed');
  return {
    total: all,
    running: requireAmount(running, 'the running processes are not known'),
    blocked: requireAmount(blocked, 'the blocked processes are not known'),
  };
}

/** Shares the result of a pending call with callers that arrive meanwhile. */
function shareCalls<T>(call: () => Promise<T>): () => Promise<T> {
  let pending: Promise<T> | null = null;
  return () => {
    pending ??= call().finally(() => {
      pending = null;
    });
    return pending;
  };
}
