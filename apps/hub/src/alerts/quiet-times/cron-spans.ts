import { parseDuration, type QuietTime } from '@booner/protocol';
import { Cron } from 'croner';
import type { FindSpans, TimeSpan } from './time-span.ts';

/** Bounds the work for an expression that starts often. */
const MAX_SPANS = 1000;

/** Finds the spans that a cron expression starts. They last as long as they say, in real time. */
export const findCronSpans: FindSpans<Extract<QuietTime, { type: 'cron' }>> = (
  { cron, for: duration },
  timeZone,
  { fromMs, untilMs },
) => {
  const durationMs = parseDuration(duration)!;
  const spans: TimeSpan[] = [];
  const schedule = new Cron(cron, { timezone: timeZone });
  // `nextRun` returns times after its argument.
  let startMs = schedule.nextRun(new Date(fromMs - durationMs - 1000))?.getTime();
  while (startMs !== undefined && startMs <= untilMs && spans.length < MAX_SPANS) {
    spans.push({ fromMs: startMs, untilMs: startMs + durationMs });
    startMs = schedule.nextRun(new Date(startMs))?.getTime();
  }
  return spans;
};

/** Finds out why a text is not a cron expression of five fields; `null`: it is. */
export function findCronIssue(cron: string): string | null {
  const example = 'must be a cron expression of five fields, such as "0 2 * * TUE#2"';
  if (cron.trim().split(/\s+/).length !== 5) return example;
  try {
    return new Cron(cron).nextRun() === null ? 'never happens: choose another cron expression' : null;
  } catch {
    return example;
  }
}
