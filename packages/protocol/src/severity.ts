/** Percentages of use from which a resource is getting short, and short. */
const WARN_FROM = 80;
const BAD_FROM = 90;
/**
 * A resource that was short stays so until its use falls below this ratio, so that one near the
 * limit does not change its place with each sample.
 */
export const ENOUGH_BELOW_RATIO = 0.85;

export type Severity = 'normal' | 'warn' | 'bad';

/**
 * Returns the severity of a used share. It goes by the percentage that people see: 89.6 % is shown
 * as 90 %.
 */
export function severityOf(ratio: number | null): Severity {
  if (ratio === null) return 'normal';
  const percent = Math.round(ratio * 100);
  if (percent < WARN_FROM) return 'normal';
  return percent < BAD_FROM ? 'warn' : 'bad';
}
