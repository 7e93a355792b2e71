import type { AlertMemory } from '@booner/protocol';

export type Debounced = NonNullable<AlertMemory['warn']>;

const NEVER_MET: Debounced = { isMet: false, sinceMs: null, isRaised: false };

export type Waits = { readonly forMs: number; readonly keepForMs: number };

/**
 * Raises a condition once it has been met for `forMs`, and lowers it once it has not been met for
 * `keepForMs`. `for` and `keep_firing_for` of Prometheus.
 */
export function debounce(
  before: Debounced | null,
  isMet: boolean,
  atMs: number,
  { forMs, keepForMs }: Waits,
): Debounced {
  const { isMet: wasMet, sinceMs: beforeMs, isRaised } = before ?? NEVER_MET;
  // A hub with an earlier clock may have taken over: nothing has held since a future time.
  const sinceMs = wasMet === isMet && beforeMs !== null ? Math.min(beforeMs, atMs) : atMs;
  const hasHeld = atMs - sinceMs >= (isMet ? forMs : keepForMs);
  return { isMet, sinceMs, isRaised: hasHeld ? isMet : isRaised };
}

/** Missing data raises and lowers nothing, and time without data does not count. */
export const withoutData = (before: Debounced | null): Debounced | null =>
  before === null ? null : { ...before, sinceMs: null };
