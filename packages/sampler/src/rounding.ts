/**
 * Rounds a share, 0 to 1, to four decimals. Overshoot of the source (a tick more than the time) is
 * cut off.
 */
export const roundRatio = (ratio: number): number =>
  Math.round(Math.min(Math.max(ratio, 0), 1) * 10_000) / 10_000;

/** Rounds operations, packets and the like per second to one decimal. */
export const roundOperations = (perSecond: number): number => Math.round(perSecond * 10) / 10;

/** Rounds bytes per second to whole bytes. */
export const roundBytes = (perSecond: number): number => Math.round(perSecond);
