import { describe, expect, it } from 'vitest';
import { ALERT_METRIC_NAMES, alertMetricDevice, alertMetricUnit, readAlertMetric } from './alert-metrics.ts';
import { type AlertRuleInput, alertRuleBodySchema, alertRuleSchema } from './alert-rule.ts';
import { parseDuration } from './duration.ts';

const CPU: AlertRuleInput = {
  name: 'cpu',
  selector: 'env=prod',
  when: { metric: 'cpuUsageRatio', function: 'avg', over: '5m' },
  warn: { on: 0.8, off: 0.75 },
  crit: { on: 0.95, off: 0.9 },
};
const OFFLINE: AlertRuleInput = { name: 'down', selector: '*', when: { state: 'offline' } };

/** Returns the issues of a rule as `/pointer detail`. */
function issuesOf(rule: unknown): readonly string[] {
  const { error } = alertRuleSchema.safeParse(rule);
  return (error?.issues ?? []).map(({ path, message }) => `/${path.join('/')} ${message}`);
}

describe('an alert rule', () => {
  it('has defaults for what most rules leave out', () => {
    expect(alertRuleSchema.parse(CPU)).toEqual({
      ...CPU,
      enabled: true,
      for: '0s',
      keepFor: '0s',
      noData: 'keep',
      channels: [],
      escalate: [],
    });
  });

  it('watches a state instead of a metric', () => {
    const rule = { ...OFFLINE, for: '1m', severity: 'crit', channels: ['ops'], repeat: '4h' };
    expect(issuesOf(rule)).toEqual([]);
  });

  it('on rollouts and schedules selects all of them or none', () => {
    const when = { state: 'schedule_missed' } as const;
    for (const selector of ['*', '', ' * '])
      expect(alertRuleSchema.safeParse({ name: 'a', selector, when }).success).toBe(true);
    const { error } = alertRuleSchema.safeParse({ name: 'a', selector: 'role=db', when });
    expect(error?.issues).toMatchObject([
      { path: ['selector'], message: expect.stringContaining('must be "*" for schedule_missed') },
    ]);
  });

  it('has its name in the path of a request', () => {
    const { name, ...body } = CPU;
    expect(alertRuleBodySchema.safeParse(body).success).toBe(true);
    expect(alertRuleBodySchema.safeParse({ name, ...body }).success).toBe(true);
    expect(alertRuleSchema.safeParse(body).success).toBe(false);
  });

  it('keeps selectors in their canonical form, and may select nothing', () => {
    expect(alertRuleSchema.parse({ ...CPU, selector: 'role==db , env=prod' }).selector).toBe(
      'env=prod,role=db',
    );
    expect(alertRuleSchema.parse({ ...CPU, selector: ' ' }).selector).toBe('');
  });

  it('has thresholds for low values, and durations for full_in', () => {
    const low = { ...CPU, warn: { on: 0.05, off: 0.08 }, crit: { on: 0.02, off: 0.04 } };
    const full = {
      ...CPU,
      when: { metric: 'fileSystemUsageRatio', function: 'full_in' },
      warn: { on: '24h', off: '36h' },
      crit: { on: '4h', off: '1d' },
    };
    expect([issuesOf(low), issuesOf(full)]).toEqual([[], []]);
  });

  it.each([
    [{ name: 'CPU!' }, '/name must be 1 to 64 of a-z'],
    [{ selector: 'role=' }, '/selector has the end where a value must be'],
    [{ dependsOn: '*,role' }, '/dependsOn has "*" beside other terms'],
    [{ when: {} }, '/when must have a metric, such as "cpuUsageRatio", or a state'],
    [{ when: { metric: 'cpu' } }, '/when/metric must be a metric of the history, such as cpuUsageRatio'],
    [{ when: { metric: 'cpuUsageRatio', over: '5 minutes' } }, '/when/over must be a duration, such as 30s'],
    [{ when: { metric: 'cpuUsageRatio', over: '48h' } }, '/when/over must be a duration from 10s to 24h'],
    [{ when: { state: 'offline', over: '5m' } }, '/when/over must be absent beside a state'],
    [
      { when: { metric: 'load1Minute', function: 'full_in' } },
      '/when/function must not be full_in, as load1Minute has no limit',
    ],
    [{ when: { state: 'offline' } }, '/warn must be absent for a state: write "severity" instead'],
    [{ warn: undefined, crit: undefined }, '/crit is missing: a metric needs warn or crit'],
    [{ warn: { on: 80, off: 75 } }, '/warn/on must be a ratio from 0 to 1, such as 0.8 for 80 %'],
    [{ warn: { on: Number.NaN, off: 0.7 } }, '/warn/on must be a number, such as 0.9'],
    [{ warn: { on: '5m', off: 0.7 } }, '/warn/on must be a number, such as 0.9: only full_in has durations'],
    [{ warn: { on: 0.8, off: 0.8 } }, '/warn/off must differ from on: below it if high values are bad'],
    [{ warn: { on: 0.99, off: 0.9 } }, '/crit/on must be worse than warn, in the same direction'],
    [{ warn: { on: 0.5, off: 0.6 } }, '/crit/on must be worse than warn, in the same direction'],
    [{ crit: undefined, severity: 'crit' }, '/severity must be absent, or that of a threshold'],
    [{ for: 60 }, '/for must be a duration in quotes, such as "5m"'],
    [{ repeat: '5s' }, '/repeat must be a duration from 1m to 30d'],
    [{ channels: ['Ops team'] }, '/channels/0 must be 1 to 64 of a-z'],
    [{ escalate: [{ after: '15m', channels: [] }] }, '/escalate/0/channels'],
    [{ groupBy: 'host' }, '/groupBy must not be host'],
    [{ runbook: 'javascript:alert(1)' }, '/runbook must be a URL'],
    [{ tresholds: {} }, '/ Unrecognized key: "tresholds"'],
  ])('names the field and the remedy: %j', (change, issue) => {
    expect(issuesOf({ ...CPU, ...change })).toContainEqual(expect.stringContaining(issue));
  });
});

describe('a metric of rules', () => {
  it('has a unit, and a device if a host has several', () => {
    expect(ALERT_METRIC_NAMES).toContain('cpuUsageRatio');
    expect([alertMetricUnit('fileSystemUsageRatio'), alertMetricDevice('fileSystemUsageRatio')]).toEqual([
      'ratio',
      'fileSystem',
    ]);
    expect([alertMetricUnit('load1Minute'), alertMetricDevice('load1Minute')]).toEqual(['load', null]);
  });
});

describe('a share', () => {
  const stored: Record<string, number | null> = {
    fileSystemUsedBytes: 60,
    fileSystemAvailableBytes: 20,
    fileSystemInodesTotal: 0,
    fileSystemInodesUsed: 0,
    memoryAvailableBytes: null,
    memoryTotalBytes: 100,
    load1Minute: 3,
  };
  it.each([
    ['fileSystemUsageRatio', 0.75],
    ['fileSystemInodesUsageRatio', null],
    ['memoryAvailableRatio', null],
    ['load1Minute', 3],
  ] as const)('is computed from metrics of the history: %s', (metric, value) => {
    expect(readAlertMetric(metric, (name) => stored[name] ?? null)).toBe(value);
  });
});

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['30s', 30_000],
    ['5m', 300_000],
    ['1h30m', 5_400_000],
    ['7d', 604_800_000],
    ['', null],
    ['5', null],
    ['m5', null],
    ['30m1h', null],
    ['-5m', null],
    ['1.5h', null],
    ['5 m', null],
  ])('%j', (text, durationMs) => {
    expect(parseDuration(text)).toBe(durationMs);
  });
});
