import type { Alert } from '@booner/protocol';

const AROUND_MS = 30 * 60_000;
/** Of an alert that goes on for long, the end is far from what happened at its start. */
const LONGEST_MS = 24 * 3_600_000;

/**
 * Returns the time that shows how an alert came about: from half an hour before it to half an hour
 * after its end, without the future.
 */
export function spanAround(
  { startedAtMs, endedAtMs }: Pick<Alert, 'startedAtMs' | 'endedAtMs'>,
  nowMs: number,
): { readonly from: number; readonly to: number } {
  const lastMs = Math.min(endedAtMs ?? nowMs, startedAtMs + LONGEST_MS);
  const from = startedAtMs - AROUND_MS;
  return { from, to: Math.max(from + AROUND_MS, Math.min(lastMs + AROUND_MS, nowMs)) };
}
