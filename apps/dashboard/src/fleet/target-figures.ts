import type { TargetSummary } from '@booner/protocol';
import { ratioOf } from '../format/numbers.ts';

/** Current metrics of a target. `null` if unknown. The hub sends none for an inactive target. */
export type TargetFigures = {
  readonly cpuRatio: number | null;
  readonly memoryRatio: number | null;
  readonly diskRatio: number | null;
  readonly receivedBytesPerSecond: number | null;
  readonly sentBytesPerSecond: number | null;
  readonly load: number | null;
  /** The busiest GPU, by memory if none reports its usage. */
  readonly gpuRatio: number | null;
  /** The hottest sensor. */
  readonly temperatureCelsius: number | null;
  readonly uptimeSeconds: number | null;
};

const known = new WeakMap<TargetSummary, TargetFigures>();

/** Returns the metrics of a target. The same object for the same target. */
export function figuresOf(target: TargetSummary): TargetFigures {
  const before = known.get(target);
  if (before !== undefined) return before;
  const figures = readFigures(target);
  known.set(target, figures);
  return figures;
}

function readFigures(target: TargetSummary): TargetFigures {
  return {
    cpuRatio: target.cpuUsageRatio,
    memoryRatio: ratioOf(target.memoryUsedBytes, target.memoryTotalBytes),
    diskRatio: target.diskUsageRatio ?? null,
    receivedBytesPerSecond: target.receivedBytesPerSecond,
    sentBytesPerSecond: target.sentBytesPerSecond,
    load: target.load1Minute,
    gpuRatio: gpuRatioOf(target.gpus ?? []),
    temperatureCelsius: target.temperatureCelsius,
    uptimeSeconds: target.uptimeSeconds,
  };
}

function gpuRatioOf(gpus: NonNullable<TargetSummary['gpus']>): number | null {
  const usage = gpus.flatMap(({ usageRatio }) => usageRatio ?? []);
  const memory = gpus.flatMap((gpu) => ratioOf(gpu.memoryUsedBytes, gpu.memoryTotalBytes) ?? []);
  const ratios = usage.length > 0 ? usage : memory;
  return ratios.length > 0 ? Math.max(...ratios) : null;
}

/**
 * Returns true if a frame arrived without data of the host for two of its intervals. Its values are
 * then outdated.
 */
export const isSilent = (target: TargetSummary, hubNowMs: number): boolean =>
  target.lastSeenAtMs !== null &&
  target.intervalMs !== null &&
  hubNowMs - target.lastSeenAtMs > 2 * target.intervalMs;
