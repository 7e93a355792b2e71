import { type AlertRuleInput, alertRuleSchema, parseHostId } from '@booner/protocol';
import { expect, it } from 'vitest';
import { trySamples } from '../../testing/try-samples.ts';
import { compileRule } from '../rules/compile-rule.ts';

const MINUTE_MS = 60_000;
const subject = { host: parseHostId('10.0.0.2')!, device: null };
const cpu: AlertRuleInput = {
  name: 'cpu',
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'avg', over: '5m' },
  warn: { on: 0.8, off: 0.7 },
  crit: { on: 0.95, off: 0.9 },
  for: '2m',
};

/** Tries a rule with a value for each minute. */
function episodesOf(rule: AlertRuleInput, values: readonly (number | null)[]) {
  const samples = values.map((value, minute) => ({ atMs: minute * MINUTE_MS, value }));
  return trySamples(compileRule(alertRuleSchema.parse(rule)), subject, samples).map(
    ({ startedAtMs, endedAtMs, severity, messages }) => ({
      from: startedAtMs / MINUTE_MS,
      to: endedAtMs === null ? null : endedAtMs / MINUTE_MS,
      severity,
      messages,
    }),
  );
}
const minutes = (count: number, value: number | null) => Array.from({ length: count }, () => value);

it('a rule that is tried says which episodes it would have had', () => {
  const values = [...minutes(60, 0.3), ...minutes(30, 0.99), ...minutes(60, 0.2), ...minutes(30, 0.85)];
  expect(episodesOf(cpu, values)).toEqual([
    { from: 66, to: 92, severity: 'crit', messages: 3 },
    { from: 157, to: null, severity: 'warn', messages: 1 },
  ]);
});

it('a lower threshold would have had more of them', () => {
  const values = [...minutes(60, 0.3), ...minutes(30, 0.6), ...minutes(60, 0.2)];
  expect(episodesOf(cpu, values)).toEqual([]);
  expect(episodesOf({ ...cpu, warn: { on: 0.5, off: 0.4 } }, values)).toHaveLength(1);
});

it('a gap in the history ends no episode', () => {
  const values = [...minutes(10, 0.9), ...minutes(30, null), ...minutes(30, 0.9)];
  expect(episodesOf(cpu, values)).toMatchObject([{ to: null, messages: 1 }]);
});

it('a state is tried without a window', () => {
  const offline: AlertRuleInput = { name: 'down', selector: '*', when: { state: 'offline' } };
  expect(episodesOf(offline, [0, 0, 1, 1, 0, null])).toMatchObject([{ from: 2, to: 4, severity: 'crit' }]);
});
