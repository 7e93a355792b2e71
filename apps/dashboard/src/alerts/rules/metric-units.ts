import type { AlertFunction, AlertMetric } from '@booner/protocol';
import { alertMetricDevice, alertMetricUnit } from '@booner/protocol/alert-metrics';
import type { MetricUnit } from '@booner/protocol/history-metrics';

/** The unit in which people read and write the values of a metric. */
export type ShownUnit = {
  /** Empty for plain numbers. */
  readonly sign: string;
  /** One of it, in the unit of the metric. */
  readonly size: number;
};

const UNITS: Readonly<Record<MetricUnit, ShownUnit>> = {
  ratio: { sign: '%', size: 0.01 },
  bytes: { sign: 'GB', size: 2 ** 30 },
  bytesPerSecond: { sign: 'MB/s', size: 2 ** 20 },
  perSecond: { sign: '/s', size: 1 },
  celsius: { sign: '°C', size: 1 },
  watts: { sign: 'W', size: 1 },
  load: { sign: '', size: 1 },
  count: { sign: '', size: 1 },
};

/** Returns the unit for the thresholds of a metric. `full_in` has durations instead. */
export function shownUnit(metric: AlertMetric, of: AlertFunction | ''): ShownUnit {
  const unit = UNITS[alertMetricUnit(metric)];
  return of === 'rate'
    ? { ...unit, sign: unit.sign === '' ? 'per second' : `${unit.sign} per second` }
    : unit;
}

/** More digits would show the error of binary fractions: 0.07 / 0.01 is 7.000000000000001. */
const DIGITS = 12;

/** Writes a value in a unit: `0.9` in `%` is `90`. */
export const shownValue = (value: number, { size }: ShownUnit): string =>
  String(Number((value / size).toPrecision(DIGITS)));

/** Reads what a person wrote in a unit; `null` if it is no number. */
export function readValue(text: string, { size }: ShownUnit): number | null {
  const number = text.trim() === '' ? Number.NaN : Number(text.trim().replace(',', '.'));
  return Number.isFinite(number) ? Number((number * size).toPrecision(DIGITS)) : null;
}

const WHOLE_WORDS: Readonly<Record<string, string>> = {
  cpu: 'CPU',
  gpu: 'GPU',
  io: 'I/O',
  iowait: 'I/O wait',
  cgroup: 'cgroup',
};
const UNIT_WORDS = /(Ratio|Bytes|Celsius|Watts)?(PerSecond)?$/;

/** Returns the name of a metric: `fileSystemUsageRatio` is "File system usage". */
export function metricName(metric: AlertMetric): string {
  const base =
    metric === 'readBytesPerSecond' || metric === 'writtenBytesPerSecond' ? `disk${capital(metric)}` : metric;
  const words = base
    .replace(UNIT_WORDS, '')
    .replace(/(?<=[a-z])(?=[A-Z\d])|(?<=\d)(?=[A-Z])/g, ' ')
    .toLowerCase()
    .split(' ')
    .filter((word) => word !== 'device');
  return capital(words.map((word) => WHOLE_WORDS[word] ?? word).join(' '));
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

/** Returns a metric as an option of a list: "File system usage, each (%)". */
export function metricOption(metric: AlertMetric): string {
  const { sign } = shownUnit(metric, '');
  const each = alertMetricDevice(metric) === null ? '' : ', each';
  return `${metricName(metric)}${each}${sign === '' ? '' : ` (${sign})`}`;
}
