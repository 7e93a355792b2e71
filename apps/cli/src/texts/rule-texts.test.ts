import { type AlertRuleInput, alertRuleSchema } from '@booner/protocol';
import { expect, it } from 'vitest';
import { conditionText, limitsText } from './rule-texts.ts';

it.each<[string, string, Omit<AlertRuleInput, 'name' | 'selector'>]>([
  ['offline', 'crit', { when: { state: 'offline' } }],
  ['task_failed', 'warn', { when: { state: 'task_failed' }, severity: 'warn' }],
  [
    'last of fileSystemUsageRatio over 2m',
    'warn over 90.0 %, crit over 97.0 %',
    {
      when: { metric: 'fileSystemUsageRatio', function: 'last', over: '2m' },
      warn: { on: 0.9, off: 0.87 },
      crit: { on: 0.97, off: 0.95 },
    },
  ],
  [
    'avg of memoryAvailableBytes',
    'crit under 1.00 GB',
    { when: { metric: 'memoryAvailableBytes' }, crit: { on: 1024 ** 3, off: 2 * 1024 ** 3 } },
  ],
  [
    'full_in of fileSystemUsageRatio',
    'warn under 24h',
    { when: { metric: 'fileSystemUsageRatio', function: 'full_in' }, warn: { on: '24h', off: '36h' } },
  ],
  [
    'rate of swapUsedBytes',
    'warn over 2.00 KB/s',
    { when: { metric: 'swapUsedBytes', function: 'rate' }, warn: { on: 2048, off: 0 } },
  ],
])('describes a rule on %s', (condition, limits, rule) => {
  const parsed = alertRuleSchema.parse({ name: 'a', selector: '*', ...rule });
  expect(conditionText(parsed)).toBe(condition);
  expect(limitsText(parsed)).toBe(limits);
});
