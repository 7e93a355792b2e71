/** Percentages from which a resource is getting full, and almost full. */
const WARN_FROM = 80;
const BAD_FROM = 90;

export type Severity = 'normal' | 'warn' | 'bad';

/** Returns the severity of a share of 1. It is rounded as it is shown: 89.6 % is shown as 90 %. */
export function severityOf(ratio: number | null): Severity {
  if (ratio === null) return 'normal';
  const percent = Math.round(ratio * 100);
  if (percent < WARN_FROM) return 'normal';
  return percent < BAD_FROM ? 'warn' : 'bad';
}
