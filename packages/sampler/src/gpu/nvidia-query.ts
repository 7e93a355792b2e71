import type { GpuMeasurement } from '@booner/protocol';

/**
 * As listed by `nvidia-smi --help-query-gpu`. `count` shows which row is the last of an instant.
 */
const FIELDS = [
  'count',
  'index',
  'name',
  'utilization.gpu',
  'memory.total',
  'memory.used',
  'temperature.gpu',
  'power.draw',
];
const FIGURES = 5;
const MEBIBYTE = 2 ** 20;
const MAX_GPUS = 256;

/**
 * Arguments of `nvidia-smi` for rows that {@link parseNvidiaRow} reads, once or at each interval.
 */
export function nvidiaQueryArguments(loopMs?: number): string[] {
  const query = [`--query-gpu=${FIELDS.join(',')}`, '--format=csv,noheader,nounits'];
  return loopMs === undefined ? query : [...query, `--loop-ms=${Math.max(1, Math.round(loopMs))}`];
}

/** One GPU at one instant. `count` is the number of all GPUs, `null` if missing. */
export type NvidiaRow = { readonly count: number | null; readonly gpu: GpuMeasurement };

/**
 * Parses a row of the query's CSV: percent, MiB, °C and W, without units. A value in brackets
 * (`[N/A]`, `[Not Supported]`, `[Unknown Error]`, `[GPU is lost]`) is `null`, as is an impossible
 * one.
 * @returns `null` for a line that is not a row, such as a message
 */
export function parseNvidiaRow(line: string): NvidiaRow | null {
  const parts = line.split(',').map((part) => part.trim());
  if (parts.length < FIELDS.length) return null;
  const index = wholeNumber(parts[1]);
  if (index === null || index >= MAX_GPUS) return null;
  // A name, the only free text, may contain commas.
  const name = parts.slice(2, -FIGURES).join(', ');
  const [usagePercent, totalMebibytes, usedMebibytes, temperatureCelsius, powerWatts] = parts
    .slice(-FIGURES)
    .map(figure);
  return {
    count: wholeNumber(parts[0]),
    gpu: {
      index,
      vendor: 'nvidia',
      name: name === '' || name.startsWith('[') ? 'NVIDIA GPU' : name.slice(0, 256),
      usageRatio: usagePercent == null || usagePercent > 100 ? null : usagePercent / 100,
      memoryTotalBytes: totalMebibytes == null ? null : totalMebibytes * MEBIBYTE,
      memoryUsedBytes: usedMebibytes == null ? null : usedMebibytes * MEBIBYTE,
      temperatureCelsius: temperatureCelsius ?? null,
      powerWatts: powerWatts ?? null,
    },
  };
}

/**
 * Groups the rows of a loop by instant: an instant is complete with as many rows as there are GPUs,
 * or when the index starts over.
 * @returns a function that takes a row and returns the GPUs of the instant that the row completes
 * or follows, else `null`
 */
export function createInstantGrouper(): (row: NvidiaRow) => GpuMeasurement[] | null {
  let gpus: GpuMeasurement[] = [];
  return ({ count, gpu }) => {
    const last = gpus.at(-1);
    const wrapped = last !== undefined && gpu.index <= last.index;
    const before = wrapped ? gpus : null;
    gpus = wrapped ? [gpu] : [...gpus, gpu];
    if (count === null || gpus.length < count) return before;
    const complete = gpus;
    gpus = [];
    return complete;
  };
}

/** Returns whether a message says that the driver works but has no GPU. */
export function saysNoDevices(message: string): boolean {
  return /^No devices (were )?found/i.test(message);
}

/** Returns whether a message says that the driver does not work, which rarely resolves itself. */
export function saysDriverError(message: string): boolean {
  return /NVIDIA-SMI has failed|Failed to initialize NVML|driver|not found/i.test(message);
}

/** Fifteen digits: a double holds them exactly and cannot become infinite. */
function figure(text: string): number | null {
  return /^\d{1,15}(\.\d{1,15})?$/.test(text) ? Number(text) : null;
}

function wholeNumber(text: string | undefined): number | null {
  return text !== undefined && /^\d{1,9}$/.test(text) ? Number(text) : null;
}
