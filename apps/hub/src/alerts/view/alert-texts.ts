import type { AlertMetric, AlertSubject } from '@booner/protocol';
import { alertMetricUnit, metricTitle } from '@booner/protocol/alert-metrics';
import type { CompiledRule, Threshold } from '../rules/compile-rule.ts';
import { STATE_KINDS } from '../states/state-kinds.ts';

const BYTE_UNITS = ['B', 'KB', 'MB', 'GB', 'TB', 'PB'] as const;

/** Returns what a rule watches on a subject, such as `File system usage of /srv`. */
export function subjectTitle({ condition }: CompiledRule, { device }: Pick<AlertSubject, 'device'>): string {
  if (condition.type === 'state') {
    const { title } = STATE_KINDS[condition.kind];
    return device === null ? title : `${title}: ${device}`;
  }
  const title = metricTitle(condition.metric);
  const where = device === null ? '' : ` of ${device}`;
  switch (condition.function) {
    case 'full_in':
      return `${title}${where}, time left`;
    case 'rate':
      return `${title}${where}, change`;
    case 'avg':
    case 'min':
    case 'max':
    case 'last':
      return `${title}${where}`;
    default:
      return condition.function satisfies never;
  }
}

/** Returns a reading in words, such as `93 %`. */
export function readingText({ condition }: CompiledRule, reading: number | null): string {
  if (condition.type === 'state') {
    if (reading === null) return 'unknown';
    return reading === 1 ? STATE_KINDS[condition.kind].word : 'ok';
  }
  if (condition.function === 'full_in') {
    return reading === null ? 'no end in sight' : `full in ${durationText(reading)}`;
  }
  if (reading === null) return 'unknown';
  const text = valueText(condition.metric, reading);
  return condition.function === 'rate' ? `${text}/s` : text;
}

/** Returns what a reading is compared with, as `over 90 %`; `null`: the rule watches a state. */
export function thresholdText({ condition, warn, crit }: CompiledRule, severity: 'warn' | 'crit') {
  const threshold: Threshold | null = severity === 'crit' ? (crit ?? warn) : (warn ?? crit);
  if (condition.type === 'state' || threshold === null) return null;
  const word = threshold.on > threshold.off ? 'over' : 'under';
  if (condition.function === 'full_in') return `${word} ${durationText(threshold.on)}`;
  return `${word} ${readingText({ condition } as CompiledRule, threshold.on)}`;
}

function valueText(metric: AlertMetric, value: number): string {
  const unit = alertMetricUnit(metric);
  switch (unit) {
    case 'ratio':
      return `${rounded(value * 100)} %`;
    case 'bytes':
      return bytesText(value);
    case 'bytesPerSecond':
      return `${bytesText(value)}/s`;
    case 'perSecond':
      return `${rounded(value)}/s`;
    case 'celsius':
      return `${rounded(value)} °C`;
    case 'watts':
      return `${rounded(value)} W`;
    case 'load':
    case 'count':
      return rounded(value);
    default:
      return unit satisfies never;
  }
}

/** Multiples of 1024, with three significant digits. */
function bytesText(value: number): string {
  const size = Math.abs(value);
  const exponent = size < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log2(size) / 10));
  return `${Number((value / 1024 ** exponent).toPrecision(3))} ${BYTE_UNITS[exponent]}`;
}

/** Whole numbers from 10 on, else one decimal, and two significant digits of what is small. */
function rounded(value: number): string {
  const size = Math.abs(value);
  if (size >= 10) return String(Math.round(value));
  return String(size >= 1 ? Math.round(value * 10) / 10 : Number(value.toPrecision(2)));
}

/** `2 d 3 h`, `5 h`, `12 min`, `40 s`. */
function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.max(0, Math.round(seconds))} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return hours % 24 === 0 ? `${hours / 24} d` : `${Math.floor(hours / 24)} d ${hours % 24} h`;
}
