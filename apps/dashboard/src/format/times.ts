import { UNKNOWN } from './numbers.ts';

const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

const absolute = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const clock = new Intl.DateTimeFormat(undefined, { timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'always', style: 'narrow' });
const justNow = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto' }).format(0, 'second');
const unit = (name: string, digits = 0) =>
  new Intl.NumberFormat(undefined, {
    style: 'unit',
    unit: name,
    unitDisplay: 'narrow',
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
const days = unit('day');
const hours = unit('hour');
const minutes = unit('minute');
const seconds = unit('second');
const tenths = unit('second', 1);

/** Formats a moment in the user's locale and time zone. */
export const formatDateTime = (atMs: number): string => absolute.format(atMs);

/** Formats the time of day. */
export const formatClock = (atMs: number): string => clock.format(atMs);

/** Formats a time since a moment: "now" within 10 s, then in its largest unit. */
export function formatAgo(ageMs: number): string {
  if (ageMs < 10 * SECOND_MS) return justNow;
  if (ageMs < MINUTE_MS) return relative.format(-Math.floor(ageMs / SECOND_MS), 'second');
  if (ageMs < HOUR_MS) return relative.format(-Math.floor(ageMs / MINUTE_MS), 'minute');
  if (ageMs < DAY_MS) return relative.format(-Math.floor(ageMs / HOUR_MS), 'hour');
  return relative.format(-Math.floor(ageMs / DAY_MS), 'day');
}

/** Formats a duration in its two largest units. Optionally with tenths of a second below 10 s. */
export function formatDuration(ms: number | null, { withTenths = false } = {}): string {
  if (ms === null || !Number.isFinite(ms)) return UNKNOWN;
  const span = Math.max(0, ms);
  if (span < MINUTE_MS) {
    return withTenths && span < 10 * SECOND_MS
      ? tenths.format(span / SECOND_MS)
      : seconds.format(Math.floor(span / SECOND_MS));
  }
  const of = (size: number, within: number) => Math.floor((span % within) / size);
  if (span < HOUR_MS) return pair(minutes, of(MINUTE_MS, HOUR_MS), seconds, of(SECOND_MS, MINUTE_MS));
  if (span < DAY_MS) return pair(hours, of(HOUR_MS, DAY_MS), minutes, of(MINUTE_MS, HOUR_MS));
  return pair(days, Math.floor(span / DAY_MS), hours, of(HOUR_MS, DAY_MS));
}

/** Formats an uptime. */
export const formatUptime = (seconds: number | null): string =>
  formatDuration(seconds === null ? null : seconds * SECOND_MS);

const pair = (large: Intl.NumberFormat, much: number, small: Intl.NumberFormat, little: number): string =>
  little === 0 ? large.format(much) : `${large.format(much)} ${small.format(little)}`;
