import type { MainServer, TargetSummary } from '@booner/protocol';

/** Two samples of one machine are read at most this far apart. */
const MAX_APART_SECONDS = 10;

/**
 * Returns the host of the only target if it is the main server itself, as in embedded mode: both
 * have the same memory and started at the same time. `null` otherwise.
 */
export function onlyMachine(
  targets: readonly TargetSummary[],
  mainServer: MainServer | null,
  sentAtMs: number,
): string | null {
  const [target, ...others] = targets;
  const { measurements = null } = mainServer ?? {};
  if (target === undefined || others.length > 0 || target.status !== 'active') return null;
  if (measurements === null || measurements.uptimeSeconds === null || target.uptimeSeconds === null)
    return null;
  if (target.memoryTotalBytes === null || target.memoryTotalBytes !== measurements.memory?.totalBytes)
    return null;
  const ageSeconds = target.lastSeenAtMs === null ? 0 : Math.max(0, sentAtMs - target.lastSeenAtMs) / 1000;
  const apart = Math.abs(target.uptimeSeconds + ageSeconds - measurements.uptimeSeconds);
  return apart <= MAX_APART_SECONDS ? target.host : null;
}
