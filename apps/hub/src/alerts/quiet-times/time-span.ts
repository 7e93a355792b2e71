/** A span in Unix milliseconds, without `untilMs` itself. */
export type TimeSpan = { readonly fromMs: number; readonly untilMs: number };

/**
 * Returns the spans of a quiet time that touch a range. More than these may be returned.
 * @param timeZone name of the IANA time zone database
 */
export type FindSpans<QuietTime> = (
  time: QuietTime,
  timeZone: string,
  range: TimeSpan,
) => readonly TimeSpan[];
