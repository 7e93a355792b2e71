import type { Sample, TargetSummary } from '@booner/protocol';
import { diskUsageRatio } from '@booner/protocol/disk-usage';
import { rootFileSystem } from '@booner/protocol/status-texts';

/**
 * The figures of a sample that the hub itself works with. It keeps these and the sample's text, not
 * the sample: with 10,000 targets, garbage collection of sample objects would cost more than
 * everything else in the hub.
 */
export type TargetFigures = {
  readonly intervalMs: number;
  readonly inventoryTakenAtMs: number | null;
  readonly sampledAtMs: number;
  readonly uptimeSeconds: number | null;
  readonly cpuUsageRatio: number | null;
  readonly cpuIowaitRatio: number | null;
  readonly cpuStealRatio: number | null;
  readonly load1Minute: number | null;
  readonly memoryTotalBytes: number | null;
  readonly memoryUsedBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  /** The file system of `/`. */
  readonly diskTotalBytes: number | null;
  readonly diskUsedBytes: number | null;
  /** Space that an unprivileged user can still write. */
  readonly diskAvailableBytes: number | null;
  readonly diskUsageRatio: number | null;
  readonly readBytesPerSecond: number | null;
  readonly writtenBytesPerSecond: number | null;
  readonly receivedBytesPerSecond: number | null;
  readonly sentBytesPerSecond: number | null;
  /** The hottest sensor. */
  readonly temperatureCelsius: number | null;
  readonly gpus: TargetSummary['gpus'];
};

/** The figures of a target without a sample. */
export const NO_FIGURES: { readonly [Name in keyof TargetFigures]: null } = {
  intervalMs: null,
  inventoryTakenAtMs: null,
  sampledAtMs: null,
  uptimeSeconds: null,
  cpuUsageRatio: null,
  cpuIowaitRatio: null,
  cpuStealRatio: null,
  load1Minute: null,
  memoryTotalBytes: null,
  memoryUsedBytes: null,
  swapTotalBytes: null,
  swapUsedBytes: null,
  diskTotalBytes: null,
  diskUsedBytes: null,
  diskAvailableBytes: null,
  diskUsageRatio: null,
  readBytesPerSecond: null,
  writtenBytesPerSecond: null,
  receivedBytesPerSecond: null,
  sentBytesPerSecond: null,
  temperatureCelsius: null,
  gpus: null,
};

export function figuresOf(sample: Sample): TargetFigures {
  const { cpu, memory, swap, disks, network, temperatures, gpus } = sample;
  const root = rootFileSystem(sample);
  return {
    intervalMs: sample.intervalMs,
    inventoryTakenAtMs: sample.inventoryTakenAtMs,
    sampledAtMs: sample.sampledAtMs,
    uptimeSeconds: sample.uptimeSeconds,
    cpuUsageRatio: cpu?.usageRatio ?? null,
    cpuIowaitRatio: cpu?.iowaitRatio ?? null,
    cpuStealRatio: cpu?.stealRatio ?? null,
    load1Minute: sample.loadAverage?.last1Minute ?? null,
    memoryTotalBytes: memory?.totalBytes ?? null,
    memoryUsedBytes: memory?.usedBytes ?? null,
    swapTotalBytes: swap?.totalBytes ?? null,
    swapUsedBytes: swap?.usedBytes ?? null,
    diskTotalBytes: root?.totalBytes ?? null,
    diskUsedBytes: root?.usedBytes ?? null,
    diskAvailableBytes: root?.availableBytes ?? null,
    diskUsageRatio: diskUsageRatio(root),
    readBytesPerSecond: disks?.readBytesPerSecond ?? null,
    writtenBytesPerSecond: disks?.writtenBytesPerSecond ?? null,
    receivedBytesPerSecond: network?.receivedBytesPerSecond ?? null,
    sentBytesPerSecond: network?.sentBytesPerSecond ?? null,
    temperatureCelsius:
      temperatures === null ? null : highest(temperatures.map((reading) => reading.temperatureCelsius)),
    gpus:
      gpus?.map(({ name, usageRatio, memoryTotalBytes, memoryUsedBytes, temperatureCelsius }) => {
        return { name, usageRatio, memoryTotalBytes, memoryUsedBytes, temperatureCelsius };
      }) ?? null,
  };
}

/** Returns the largest known value; `null` if none is known. */
export function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}
