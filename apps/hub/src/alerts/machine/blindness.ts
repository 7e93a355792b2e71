/** Memory of whether a hub receives anything. Times are Unix milliseconds by the hub's clock. */
export type BlindnessMemory = {
  /** `null`: it receives samples. */
  readonly blindSinceMs: number | null;
  readonly isNotified: boolean;
};

export const SIGHTED: BlindnessMemory = { blindSinceMs: null, isNotified: false };

export type BlindnessStep = {
  readonly memory: BlindnessMemory;
  /** `blind`: the hub mutes every alert from now on. `sighted`: it receives again. */
  readonly effects: readonly { readonly type: 'blind' | 'sighted'; readonly atMs: number }[];
};

/** Shorter outages are not worth a message. */
const BLIND_AFTER_MS = 60_000;

/**
 * Follows whether a hub receives samples at all. A hub that does not, mutes all alerts at once and
 * says so, once, if it lasts.
 */
export function followBlindness(memory: BlindnessMemory, isBlind: boolean, atMs: number): BlindnessStep {
  if (!isBlind) {
    return { memory: SIGHTED, effects: memory.isNotified ? [{ type: 'sighted', atMs }] : [] };
  }
  const blindSinceMs = Math.min(memory.blindSinceMs ?? atMs, atMs);
  if (memory.isNotified || atMs - blindSinceMs < BLIND_AFTER_MS) {
    return { memory: { blindSinceMs, isNotified: memory.isNotified }, effects: [] };
  }
  return { memory: { blindSinceMs, isNotified: true }, effects: [{ type: 'blind', atMs }] };
}
