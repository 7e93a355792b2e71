import { type AlertRuleInput, alertRuleSchema } from '@booner/protocol';
import { ALERT_METRIC_NAMES, alertMetricUnit, metricTitle } from '@booner/protocol/alert-metrics';
import { describe, expect, it } from 'vitest';
import { compileRule } from '../rules/compile-rule.ts';
import { readingText, subjectTitle, thresholdText } from './alert-texts.ts';

const rule = (changes: Partial<AlertRuleInput>) =>
  compileRule(
    alertRuleSchema.parse({
      name: 'test',
      selector: '*',
      when: { metric: 'fileSystemUsageRatio', function: 'last' },
      ...(changes.when?.state === undefined && {
        warn: { on: 0.9, off: 0.85 },
        crit: { on: 0.97, off: 0.95 },
      }),
      ...changes,
    }),
  );
const DISK = rule({});
const OFFLINE = rule({ when: { state: 'offline' } });
const FULL = rule({
  when: { metric: 'fileSystemUsageRatio', function: 'full_in' },
  warn: { on: '24h', off: '36h' },
  crit: { on: '90m', off: '2h' },
});

describe('a rule in words', () => {
  it('says what it watches', () => {
    expect(subjectTitle(DISK, { device: '/srv' })).toBe('File system usage of /srv');
    expect(subjectTitle(FULL, { device: '/srv' })).toBe('File system usage of /srv, time left');
    expect(subjectTitle(OFFLINE, { device: null })).toBe('Host is offline');
    expect(subjectTitle(rule({ when: { state: 'task_failed' } }), { device: 'backup' })).toBe(
      'Task failed: backup',
    );
  });

  it('says what a reading is compared with', () => {
    expect([thresholdText(DISK, 'warn'), thresholdText(DISK, 'crit')]).toEqual(['over 90 %', 'over 97 %']);
    expect([thresholdText(FULL, 'warn'), thresholdText(FULL, 'crit')]).toEqual([
      'under 1 d',
      'under 1 h 30 min',
    ]);
    expect(thresholdText(OFFLINE, 'crit')).toBeNull();
    expect(thresholdText(rule({ crit: undefined }), 'crit')).toBe('over 90 %');
  });

  it.each([
    [DISK, 0.934, '93 %'],
    [DISK, 0.0512, '5.1 %'],
    [DISK, 0.0004, '0.04 %'],
    [DISK, null, 'unknown'],
    [OFFLINE, 1, 'offline'],
    [OFFLINE, 0, 'ok'],
    [FULL, 5400, 'full in 1 h 30 min'],
    [FULL, 30, 'full in 30 s'],
    [FULL, 187_200, 'full in 2 d 4 h'],
    [FULL, null, 'no end in sight'],
    [
      rule({ when: { metric: 'memoryAvailableBytes' }, warn: { on: 1, off: 2 }, crit: undefined }),
      1_610_612_736,
      '1.5 GB',
    ],
    [
      rule({ when: { metric: 'receivedBytesPerSecond' }, warn: { on: 2, off: 1 }, crit: undefined }),
      2_097_152,
      '2 MB/s',
    ],
    [
      rule({ when: { metric: 'temperatureCelsius' }, warn: { on: 2, off: 1 }, crit: undefined }),
      71.6,
      '72 °C',
    ],
    [rule({ when: { metric: 'load1Minute' }, warn: { on: 2, off: 1 }, crit: undefined }), 2.345, '2.3'],
    [
      rule({
        when: { metric: 'memoryUsedBytes', function: 'rate' },
        warn: { on: 2, off: 1 },
        crit: undefined,
      }),
      -2048,
      '-2 KB/s',
    ],
  ] as const)('shows a reading %#', (compiled, reading, text) => {
    expect(readingText(compiled, reading)).toBe(text);
  });

  it('has a title of its own for each metric and unit', () => {
    const titles = ALERT_METRIC_NAMES.map((metric) => `${metricTitle(metric)}, ${alertMetricUnit(metric)}`);
    expect(new Set(titles).size).toBe(titles.length);
    expect(titles).toContain('CPU usage, ratio');
  });
});
