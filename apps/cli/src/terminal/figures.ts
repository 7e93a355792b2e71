import { OLD_SECRET_MS } from '@booner/protocol/limits';

const UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'];

/** Formats bytes with three significant digits, in units of 1,024. */
export function bytesText(bytes: number | null): string {
  if (bytes === null) return '--';
  let value = bytes;
  let unit = 0;
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? Math.round(value) : threeDigits(value)} ${UNITS[unit]}`;
}

const threeDigits = (value: number): string =>
  value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);

/** Formats a ratio as a whole percentage; `--` if unknown. */
export const percentText = (ratio: number | null): string =>
  ratio === null ? '--' : `${Math.round(ratio * 100)} %`;

export const ratioOf = (part: number | null, whole: number | null): number | null =>
  part === null || whole === null || whole <= 0 ? null : part / whole;

const STEPS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
] as const;

/** Formats seconds in a single unit: `12 d`, `5 h`, `3 min`, `8 s`. */
export function durationText(seconds: number): string {
  for (const [unit, size] of STEPS) if (seconds >= size) return `${Math.floor(seconds / size)} ${unit}`;
  return `${Math.max(0, Math.round(seconds))} s`;
}

/** Formats the age of a time: `2 h ago`, `now`; `never` for `null`. */
export function ageText(atMs: number | null, nowMs: number): string {
  if (atMs === null) return 'never';
  const seconds = (nowMs - atMs) / 1000;
  return seconds < 5 ? 'now' : `${durationText(seconds)} ago`;
}

/** Formats a future or past time: `in 3 d`, `2 h ago`; `never` for `null`. */
export function whenText(atMs: number | null, nowMs: number): string {
  if (atMs === null) return 'never';
  return atMs > nowMs ? `in ${durationText((atMs - nowMs) / 1000)}` : ageText(atMs, nowMs);
}

/** Formats local date and time to the second, so that texts sort by time. */
export function timeText(atMs: number): string {
  const time = new Date(atMs);
  const two = (value: number) => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  return `${date} ${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

/** Formats the note on the age of a password or token: empty unless it is old. */
export const oldSecretText = (sinceMs: number, nowMs: number): string =>
  nowMs - sinceMs >= OLD_SECRET_MS ? 'older than 90 days' : '';
