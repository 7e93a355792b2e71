/**
 * A figure that systeminformation knows. Of what it does not know it says `null`, `-1`, `NaN` or nothing at all, and none of these
 * may pass for a measurement.
 */
export function knownAmount(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/** The same for what must be known: throws `reason`, which becomes the sample's. */
export function requireAmount(value: number | null | undefined, reason: string): number {
  const amount = knownAmount(value);
  if (amount === null) throw new Error(reason);
  return amount;
}

/** Reason of a rate's sensor at its first reading. */
export const NEEDS_TWO_READINGS = 'needs two readings';
