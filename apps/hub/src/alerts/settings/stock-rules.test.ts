import { alertRuleSchema, parseHostId, viewSubjectOf } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { alertTimeline } from '../../testing/alert-timeline.ts';
import { trySamples } from '../../testing/try-samples.ts';
import { compileRule } from '../rules/compile-rule.ts';
import { STOCK_RULES } from './stock-rules.ts';

const host = viewSubjectOf({ host: parseHostId('10.0.0.2')! });
const compiled = STOCK_RULES.map((rule) => compileRule(alertRuleSchema.parse(rule)));
const timelineOf = (name: string) =>
  alertTimeline({ rule: compiled.find((rule) => rule.name === name)!, subject: { ...host, device: null } });

describe('the stock rules', () => {
  it('are valid, have names of their own and watch every host', () => {
    expect(new Set(compiled.map(({ name }) => name)).size).toBe(STOCK_RULES.length);
    for (const { selector } of compiled) expect(selector.matches(host)).toBe(true);
  });

  it('notice a host that is offline for a minute, 10 s of which the hub waits', () => {
    const offline = timelineOf('host-offline');
    expect([offline.observe(10, 1), offline.observe(59, 1)]).toEqual(['', '']);
    expect(offline.observe(60, 1)).toBe('open');
    expect(offline.effects[0]!.severity).toBe('crit');
  });

  it('do not mind a host that restarts within a minute', () => {
    const offline = timelineOf('host-offline');
    const types = [offline.observe(10, 1), offline.observe(55, 1), offline.observe(58, 0)];
    expect(types).toEqual(['', '', '']);
  });

  it('notice a disk that runs full within a day', () => {
    const disk = timelineOf('disk-full-soon');
    expect([disk.observe(0, 20 * 3600), disk.observe(3 * 3600, 17 * 3600)]).toEqual(['', 'open']);
    expect(disk.observe(4 * 3600, Number.POSITIVE_INFINITY)).toBe('');
    expect(disk.observe(5 * 3600, Number.POSITIVE_INFINITY)).toBe('resolve');
  });
});

/** A week of a busy host by metric, with a value for each minute from Monday on. */
const WEEK: Record<string, (minute: number) => number> = {
  // Grows by 1 % a day, a backup of two hours adds 15 % and removes it again at 6:00.
  fileSystemUsageRatio: (minute) => 0.6 + minute / 144_000 + 0.15 * backup(minute % 1440),
  fileSystemInodesUsageRatio: (minute) => 0.3 + 0.01 * noise(minute),
  // Full page caches; a job takes nearly all for four minutes each hour.
  memoryAvailableRatio: (minute) => (minute % 60 < 4 ? 0.03 : 0.3) + 0.02 * noise(minute),
  memoryFullPressureRatio: (minute) => (minute % 60 < 4 ? 0.12 : 0) + 0.01 * noise(minute),
};
const backup = (minuteOfDay: number) =>
  minuteOfDay >= 360 ? 0 : Math.min(Math.max(minuteOfDay - 120, 0), 120) / 120;
const noise = (minute: number) => (Math.sin(minute * 12.9898) * 43_758.5453) % 1;

describe('a normal week', () => {
  it.each(compiled.filter(({ condition }) => condition.type === 'metric').map((rule) => [rule.name, rule]))(
    'sends nothing: %s',
    (_, rule) => {
      const valueAt = WEEK[rule.condition.type === 'metric' ? rule.condition.metric : '']!;
      const samples = Array.from({ length: 7 * 1440 }, (_, minute) => ({
        atMs: minute * 60_000,
        value: valueAt(minute),
      }));
      expect(trySamples(rule, { ...host, device: null }, samples)).toEqual([]);
    },
  );

  it('would send something with a disk that fills up', () => {
    const rule = compiled.find(({ name }) => name === 'disk-full-soon')!;
    const samples = Array.from({ length: 1440 }, (_, minute) => ({
      atMs: minute * 60_000,
      value: 0.4 + minute / 2400,
    }));
    expect(trySamples(rule, { ...host, device: null }, samples)).toMatchObject([{ severity: 'warn' }]);
  });
});

describe('a rule with an empty selector', () => {
  it('selects nothing', () => {
    const { selector } = compileRule(alertRuleSchema.parse({ ...STOCK_RULES[0]!, selector: '' }));
    expect(selector.matches(host)).toBe(false);
  });
});

describe('compiling a rule', () => {
  it('fails for what its schema would not accept', () => {
    const rule = alertRuleSchema.parse(STOCK_RULES[0]);
    expect(() => compileRule({ ...rule, selector: 'role=' })).toThrow('invalid selector');
    expect(() => compileRule({ ...rule, for: 'soon' })).toThrow('invalid duration');
  });
});
