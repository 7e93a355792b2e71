import type { QuietHours, QuietTime } from '@booner/protocol';
import { findCronSpans } from './cron-spans.ts';
import { findOnceSpans } from './once-spans.ts';
import type { TimeSpan } from './time-span.ts';
import { findWeeklySpans } from './weekly-spans.ts';

export type Quiet = {
  readonly isQuiet: boolean;
  /** The answer holds until then, in Unix milliseconds. */
  readonly untilMs: number;
};

/** Spans that touch or overlap are one, up to this length. A cache asks again after it. */
const LOOK_AHEAD_MS = 8 * 86_400_000;

/**
 * Returns whether quiet hours are in force at `atMs`, and until when that holds. The answer takes
 * some hundred microseconds, so keep it until then.
 */
export function quietAt({ times, timeZone }: Pick<QuietHours, 'times' | 'timeZone'>, atMs: number): Quiet {
  const horizonMs = atMs + LOOK_AHEAD_MS;
  const spans = times
    .flatMap((time) => spansOf(time, timeZone, { fromMs: atMs, untilMs: horizonMs }))
    .filter(({ fromMs, untilMs }) => untilMs > atMs && fromMs < untilMs)
    .sort((a, b) => a.fromMs - b.fromMs);
  let untilMs = atMs;
  for (const span of spans) {
    if (span.fromMs > untilMs) {
      if (untilMs === atMs) return { isQuiet: false, untilMs: Math.min(span.fromMs, horizonMs) };
      break;
    }
    untilMs = Math.max(untilMs, span.untilMs);
  }
  return untilMs > atMs
    ? { isQuiet: true, untilMs: Math.min(untilMs, horizonMs) }
    : { isQuiet: false, untilMs: horizonMs };
}

function spansOf(time: QuietTime, timeZone: string, range: TimeSpan): readonly TimeSpan[] {
  switch (time.type) {
    case 'weekly':
      return findWeeklySpans(time, timeZone, range);
    case 'cron':
      return findCronSpans(time, timeZone, range);
    case 'once':
      return findOnceSpans(time, timeZone, range);
    default:
      return time satisfies never;
  }
}
