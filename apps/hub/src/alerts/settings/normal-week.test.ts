import { readRecording } from '@booner/history/testing';
import { alertRuleSchema, type Measurements, parseHostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { type MetricReader, metricReader } from '../evaluation/metric-reader.ts';
import { compileRule } from '../rules/compile-rule.ts';
import { tryRule } from '../trial/try-rule.ts';
import { STOCK_RULES } from './stock-rules.ts';

const HOSTS = 40;
const MINUTES = 7 * 1440;
const MINUTE_MS = 60_000;

const rules = STOCK_RULES.map((rule) => compileRule(alertRuleSchema.parse(rule)));

/** Deterministic noise from -1 to 1. */
const noise = (seed: number): number => ((Math.sin(seed * 12.9898) * 43_758.5453) % 1) * 2 - 1;

/** What a host adds to the recorded usage of a file system: growth, and a backup at night. */
function added(host: number, minute: number): number {
  const minuteOfDay = (minute + 7 * host) % 1440;
  const backup = minuteOfDay >= 120 && minuteOfDay < 360 ? Math.min((minuteOfDay - 120) / 120, 1) : 0;
  return (0.01 * (host % 3) * minute) / 1440 + 0.12 * backup;
}

/** Minutes at which a host restarts and is offline for half of one. */
const restarts = (host: number, minute: number): boolean => minute === 1000 + 97 * host;

it('a recorded week of normal life on 40 hosts sends nothing', () => {
  // An hour of a machine that builds and tests: for each host from another minute on.
  const recording = readRecording().filter((_, index) => index % 20 === 0);
  const said: string[] = [];
  let readings = 0;
  for (const rule of rules) {
    const { condition } = rule;
    if (condition.type !== 'metric' && condition.kind !== 'offline') continue;
    const reader = condition.type === 'metric' ? metricReader(condition.metric) : null;
    const isUsage = condition.type === 'metric' && condition.metric === 'fileSystemUsageRatio';
    for (let host = 0; host < HOSTS; host++) {
      const subject = { host: parseHostId(`10.0.0.${host + 1}`)!, device: null };
      const trial = tryRule(rule, 0)(subject);
      for (let minute = 0; minute < MINUTES; minute++) {
        const sample = recording[(minute + 3 * host) % recording.length] as Measurements;
        const jitter = 1 + 0.02 * noise(host * MINUTES + minute);
        const value = reader === null ? 0 : readingOf(reader, sample, isUsage ? added(host, minute) : 0);
        const atMs = minute * MINUTE_MS;
        const isOffline = restarts(host, minute);
        if (condition.type === 'state' && isOffline) {
          for (const offline of [1, 0]) {
            trial.observe({ atMs: atMs + (1 - offline) * 30_000, value: offline, isOffline: offline === 1 });
          }
          continue;
        }
        trial.observe({ atMs, value: value === null ? null : value * jitter, isOffline });
        if (value !== null) readings++;
      }
      const { messageCount } = trial.result();
      if (messageCount > 0) said.push(`${rule.name} on ${subject.host}: ${messageCount}`);
    }
  }
  expect(said).toEqual([]);
  expect(readings).toBeGreaterThan(2 * HOSTS * MINUTES); // the recording has what rules watch
});

/** Reads a metric of a sample; of file systems that of the first one, with what the host adds. */
function readingOf(reader: MetricReader, sample: Measurements, share: number): number | null {
  const value = reader.hasDevices ? readFirst(reader, sample) : reader.read(sample);
  return value === null ? null : value + share;
}

function readFirst(reader: Extract<MetricReader, { hasDevices: true }>, sample: Measurements): number | null {
  const [first] = reader.devices(sample);
  return first === undefined ? null : reader.read(first);
}
