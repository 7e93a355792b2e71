/**
 * Returns a value that systeminformation knows. For unknown ones it returns `null`, `-1`, `NaN` or
 * nothing at all, none of which may count as a measurement.
 */
export function knownAmount(value: number | null | undefined): number | null {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0 ? value : null;
}

/**
 * Like {@link knownFigure}, but throws `reason`, which becomes the sample's, if the value is
 * unknown.
 */
export function requireAmount(value: number | null | undefined, reason: string): number {
  const amount = knownAmount(value);
  if (amount === null) throw new Error(reason);
  return amount;
}

/** Reason of a rate's sensor at its first reading. */
export const NEEDS_TWO_READINGS = 'needs two readings';
