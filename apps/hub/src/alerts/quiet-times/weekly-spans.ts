import { type QuietTime, WEEKDAYS } from '@booner/protocol';
import { Temporal } from 'temporal-polyfill';
import type { FindSpans } from './time-span.ts';

/**
 * Finds the spans of a weekly time by the clock on the wall: a night from 22:00 to 07:00 is an hour
 * shorter when clocks go forward and an hour longer when they go back. A time of day that is
 * skipped moves forward by the skipped hour. One that happens twice starts the first time and ends
 * the second time.
 */
export const findWeeklySpans: FindSpans<Extract<QuietTime, { type: 'weekly' }>> = (
  { days, from, to },
  timeZone,
  { fromMs, untilMs },
) => {
  const dateAt = (atMs: number) =>
    Temporal.Instant.fromEpochMilliseconds(atMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const msAt = (date: Temporal.PlainDate, time: string, disambiguation: 'compatible' | 'later') =>
    date.toPlainDateTime(time).toZonedDateTime(timeZone, { disambiguation }).epochMilliseconds;
  const spans = [];
  const last = dateAt(untilMs);
  // A span that started the day before may last until today.
  let date = dateAt(fromMs).subtract({ days: 1 });
  for (; Temporal.PlainDate.compare(date, last) <= 0; date = date.add({ days: 1 })) {
    if (!days.includes(WEEKDAYS[date.dayOfWeek - 1]!)) continue;
    const endDate = to > from ? date : date.add({ days: 1 });
    spans.push({ fromMs: msAt(date, from, 'compatible'), untilMs: msAt(endDate, to, 'later') });
  }
  return spans;
};
