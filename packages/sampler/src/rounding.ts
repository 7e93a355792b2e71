/** A share of something, 0 to 1 with four decimals. Overshoot of the sources (a tick more than the time) is cut off. */
export const roundRatio = (ratio: number): number =>
  Math.round(Math.min(Math.max(ratio, 0), 1) * 10_000) / 10_000;

/** Operations, packets and the like a second: one decimal. */
export const roundOperations = (perSecond: number): number => Math.round(perSecond * 10) / 10;

/** Bytes a second: whole bytes. */
export const roundBytes = (perSecond: number): number => Math.round(perSecond);
