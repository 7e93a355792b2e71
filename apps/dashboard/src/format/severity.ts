/** Shares of 1 at which a resource is getting full, and almost full. */
const WARN_FROM = 0.8;
const BAD_FROM = 0.9;

export type Severity = 'normal' | 'warn' | 'bad';

export function severityOf(ratio: number | null): Severity {
  if (ratio === null || ratio < WARN_FROM) return 'normal';
  return ratio < BAD_FROM ? 'warn' : 'bad';
}
