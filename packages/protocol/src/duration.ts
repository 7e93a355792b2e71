/**
 * Durations as people write them in rules: `30s`, `5m`, `4h`, `1h30m`, `7d`. This module depends on
 * nothing, so that pages can import it without zod.
 */

/** Form of a duration: units from the largest to the smallest, each at most once. */
export const DURATION_PATTERN = '^(?=\\d)(?:(\\d{1,4})d)?(?:(\\d{1,4})h)?(?:(\\d{1,5})m)?(?:(\\d{1,6})s)?$';

const DURATION = new RegExp(DURATION_PATTERN);
const UNITS_MS = [86_400_000, 3_600_000, 60_000, 1000] as const;

/** Parses a duration. @returns milliseconds, or `null` if the text is not a duration */
export function parseDuration(text: string): number | null {
  const match = DURATION.exec(text);
  if (match === null) return null;
  return UNITS_MS.reduce((sum, unitMs, index) => sum + Number(match[index + 1] ?? 0) * unitMs, 0);
}
