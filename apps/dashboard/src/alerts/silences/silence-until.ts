/** How long a silence lasts. */
export type SilenceEnd = '1h' | '4h' | 'morning' | 'custom';

export const SILENCE_ENDS: readonly (readonly [end: SilenceEnd, text: string])[] = [
  ['1h', '1 hour'],
  ['4h', '4 hours'],
  ['morning', 'Until tomorrow, 08:00'],
  ['custom', 'Until …'],
];

const HOUR_MS = 3_600_000;
const MORNING_HOUR = 8;

/**
 * Returns the end of a silence in Unix milliseconds; `null` if the text is no time.
 * @param text value of a field of the type `datetime-local`, in the reader's time zone
 */
export function silenceUntil(end: SilenceEnd, nowMs: number, text: string): number | null {
  switch (end) {
    case '1h':
      return nowMs + HOUR_MS;
    case '4h':
      return nowMs + 4 * HOUR_MS;
    case 'morning': {
      // By the calendar: a day of a clock change has 23 or 25 hours.
      const morning = new Date(nowMs);
      morning.setDate(morning.getDate() + 1);
      return morning.setHours(MORNING_HOUR, 0, 0, 0);
    }
    case 'custom': {
      const atMs = new Date(text).getTime();
      return Number.isNaN(atMs) ? null : atMs;
    }
    default:
      return end satisfies never;
  }
}
