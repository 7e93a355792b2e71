/** Shown for unknown values. Never a zero. */
export const UNKNOWN = '–';

const percent = new Intl.NumberFormat(undefined, { style: 'percent', maximumFractionDigits: 0 });
const celsius = new Intl.NumberFormat(undefined, {
  style: 'unit',
  unit: 'celsius',
  maximumFractionDigits: 0,
});
const watts = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
const load = new Intl.NumberFormat(undefined, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
const whole = new Intl.NumberFormat(undefined, { maximumFractionDigits: 0 });
/** Formats three significant digits: 1.20, 14.4, 512. */
const threeDigits = [2, 1, 0].map(
  (digits) =>
    new Intl.NumberFormat(undefined, { minimumFractionDigits: digits, maximumFractionDigits: digits }),
);
const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

type Figure = number | null | undefined;

const known = (value: Figure): value is number => typeof value === 'number' && Number.isFinite(value);

/** Formats a share of 1 in whole percent. Rounded down above 99.5, so that 100 % means full. */
export function formatPercent(ratio: Figure): string {
  if (!known(ratio)) return UNKNOWN;
  return percent.format(ratio < 1 ? Math.min(ratio, 0.99) : ratio);
}

/**
 * Formats bytes with three significant digits. As in the status stream's texts, 1 KB is 1,024 bytes
 * and 1 GB is 2^30.
 */
export function formatBytes(bytes: Figure): string {
  if (!known(bytes)) return UNKNOWN;
  let value = Math.abs(bytes);
  let unit = 0;
  while (value >= 999.5 && unit < BYTE_UNITS.length - 1) {
    value /= 1024;
    unit++;
  }
  const digits = unit === 0 || value >= 99.95 ? 2 : value >= 9.995 ? 1 : 0;
  return `${threeDigits[digits]!.format(bytes < 0 ? -value : value)} ${BYTE_UNITS[unit]}`;
}

/** Formats "3.20 GB of 8.00 GB". */
export const formatUsedOf = (used: Figure, total: Figure): string =>
  `${formatBytes(used)} of ${formatBytes(total)}`;

/**
 * Formats space of a file system: "3.20 GB used, 4.40 GB available". With reserved blocks, the sum
 * is less than its size.
 */
export const formatSpace = (used: Figure, available: Figure): string =>
  known(available)
    ? `${formatBytes(used)} used, ${formatBytes(available)} available`
    : `${formatBytes(used)} used`;

/** Formats bytes per second. */
export const formatRate = (bytesPerSecond: Figure): string =>
  known(bytesPerSecond) ? `${formatBytes(bytesPerSecond)}/s` : UNKNOWN;

export const formatTemperature = (degrees: Figure): string =>
  known(degrees) ? celsius.format(degrees) : UNKNOWN;

export const formatWatts = (value: Figure): string => (known(value) ? `${watts.format(value)} W` : UNKNOWN);

/** Formats a load average. */
export const formatLoad = (value: Figure): string => (known(value) ? load.format(value) : UNKNOWN);

export const formatCount = (value: Figure): string => (known(value) ? whole.format(value) : UNKNOWN);

/** Returns used / total as a share of 1; `null` if either is unknown. */
export const ratioOf = (used: Figure, total: Figure): number | null =>
  known(used) && known(total) && total > 0 ? used / total : null;
