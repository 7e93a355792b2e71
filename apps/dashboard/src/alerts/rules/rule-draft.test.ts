import { type AlertRule, alertRuleBodySchema, alertRuleSchema } from '@booner/protocol';
import { expect, test } from 'vitest';
import { shownUnit } from './metric-units.ts';
import { bodyOf, draftOf, movedThreshold, NEW_RULE } from './rule-draft.ts';

const rules: readonly AlertRule[] = [
  {
    name: 'full',
    selector: 'role=db',
    when: { metric: 'fileSystemUsageRatio', function: 'last', over: '2m' },
    warn: { on: 0.9, off: 0.87 },
    crit: { on: 0.97, off: 0.95 },
    for: '5m',
    keepFor: '1m',
    noData: 'alert',
    channels: ['ops'],
    repeat: '4h',
    escalate: [{ after: '30m', channels: ['boss', 'phone'] }],
    groupBy: 'env',
    dependsOn: 'role=router',
    runbook: 'https://wiki.example.org/full',
  },
  {
    name: 'soon',
    selector: '*',
    when: { metric: 'fileSystemUsageRatio', function: 'full_in', over: '6h' },
    warn: { on: '24h', off: '36h' },
  },
  { name: 'down', enabled: false, selector: '*', when: { state: 'offline' as const }, severity: 'warn' },
].map((rule) => alertRuleSchema.parse(rule));

test.each(rules)('the form of the rule $name saves it unchanged', (rule) => {
  const { name, ...body } = rule;
  expect(alertRuleBodySchema.parse(bodyOf(draftOf(rule)))).toEqual(body);
  expect(name).toBe(draftOf(rule).name);
});

test('a new rule is valid as soon as it has a name', () => {
  expect(alertRuleSchema.safeParse({ name: 'x', ...bodyOf(NEW_RULE) }).success).toBe(true);
});

test('what is no number reaches the hub, which says so', () => {
  const parsed = alertRuleBodySchema.safeParse(bodyOf({ ...NEW_RULE, crit: { on: 'a lot', off: '' } }));
  const pointers = parsed.error?.issues.map(({ path }) => path.join('/'));
  expect(new Set(pointers)).toEqual(new Set(['crit/on', 'crit/off']));
});

test('the end of a threshold follows its start', () => {
  const unit = shownUnit('cpuUsageRatio', 'avg');
  expect(movedThreshold({ on: '95', off: '90' }, 0.8, unit)).toEqual({ on: '80', off: '75' });
  expect(movedThreshold({ on: '', off: '90' }, 0.8, unit)).toEqual({ on: '80', off: '90' });
});
