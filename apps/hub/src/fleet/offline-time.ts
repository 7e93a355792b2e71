/** Missed intervals after which a target is offline. */
const OFFLINE_INTERVALS = 3;
/**
 * Delay that a sample may have on its way. With the default interval a target is offline within 10
 * s of its last sample.
 */
const DELIVERY_SLACK_MS = 250;
/** An agent's longest pause between two attempts: it may reconnect this much later than the hub. */
const AGENT_RECONNECT_MS = 5000;

/** Returns how long after its last sample a target is silent enough to be offline. */
export const silentAfterMs = (intervalMs: number): number =>
  OFFLINE_INTERVALS * intervalMs + DELIVERY_SLACK_MS;

/**
 * Returns the time at which a target is offline unless another sample arrives. One that was not
 * received since the hub receives gets the time that its agent may take to reconnect.
 */
export function offlineAtMs(
  lastReceivedAtMs: number | null,
  receivingSinceMs: number,
  intervalMs: number,
): number {
  const silentMs = silentAfterMs(intervalMs);
  if (lastReceivedAtMs !== null && lastReceivedAtMs > receivingSinceMs) return lastReceivedAtMs + silentMs;
  return receivingSinceMs + Math.max(silentMs, AGENT_RECONNECT_MS + intervalMs + DELIVERY_SLACK_MS);
}
