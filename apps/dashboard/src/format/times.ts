import { UNKNOWN } from './numbers.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

// Dates and numbers follow the user's locale. Words and units are English, as those of the page.
const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const dayAndClock = new Intl.DateTimeFormat(undefined, {
  weekday: 'short',
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
});
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const tenths = new Intl.NumberFormat(undefined, { minimumFractionDigits: 1, maximumFractionDigits: 1 });

/** Formats a moment in the user's locale and time zone. */
export const formatDateTime = (atMs: number): string => absolute.format(atMs);

/** Formats the time of day. */
export const formatClock = (atMs: number): string => clock.format(atMs);

/** Formats a moment: the time of day, and the date if it was not within the last 12 hours. */
export const formatMoment = (atMs: number, nowMs: number): string =>
  Math.abs(nowMs - atMs) < 12 * HOUR_MS ? formatClock(atMs) : formatDateTime(atMs);

/** Formats a moment of the last months to the minute: "Mon 23 Nov, 10:41". */
export const formatMinute = (atMs: number): string => dayAndClock.format(atMs);

/** Formats a time since a moment: "now" within 10 s, then in its largest unit, as in "5m ago". */
export function formatAgo(ageMs: number): string {
  if (ageMs < 10 * SECOND_MS) return 'now';
  if (ageMs < MINUTE_MS) return `${count(ageMs, SECOND_MS)}s ago`;
  if (ageMs < HOUR_MS) return `${count(ageMs, MINUTE_MS)}m ago`;
  if (ageMs < DAY_MS) return `${count(ageMs, HOUR_MS)}h ago`;
  return `${count(ageMs, DAY_MS)}d ago`;
}

/** Formats the time until a moment: "now" once it has come, then in its largest unit: "in 5m". */
export function formatUntil(ms: number): string {
  if (ms < SECOND_MS) return 'now';
  if (ms < MINUTE_MS) return `in ${count(ms, SECOND_MS)}s`;
  if (ms < HOUR_MS) return `in ${count(ms, MINUTE_MS)}m`;
  if (ms < DAY_MS) return `in ${count(ms, HOUR_MS)}h`;
  return `in ${count(ms, DAY_MS)}d`;
}

/** Formats a duration in its two largest units. Optionally with tenths of a second below 10 s. */
export function formatDuration(ms: number | null, { withTenths = false } = {}): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) {
    const isShort = withTenths && span < 10 * SECOND_MS;
    return `${isShort ? tenths.format(span / SECOND_MS) : count(span, SECOND_MS)}s`;
  }
  if (span < HOUR_MS) return pair(span, [MINUTE_MS, 'm'], [SECOND_MS, 's']);
  if (span < DAY_MS) return pair(span, [HOUR_MS, 'h'], [MINUTE_MS, 'm']);
  return pair(span, [DAY_MS, 'd'], [HOUR_MS, 'h']);
}

/** Formats an uptime. */
export const formatUptime = (seconds: number | null): string =>
  formatDuration(seconds === null ? null : seconds * SECOND_MS);

const count = (ms: number, unitMs: number): string => whole.format(Math.floor(ms / unitMs));

type Unit = readonly [unitMs: number, sign: string];

function pair(ms: number, [largeMs, large]: Unit, [smallMs, small]: Unit): string {
  const restMs = ms % largeMs;
  const first = `${count(ms, largeMs)}${large}`;
  return restMs < smallMs ? first : `${first} ${count(restMs, smallMs)}${small}`;
}

/** Formats the length of a range such as `24h`. */
export const formatRange = (range: string): string =>
  `${whole.format(Number(range.slice(0, -1)))}${range.at(-1)}`;
