import type { AlertRule } from '@booner/protocol';
import { expect, test } from 'vitest';
import { ruleText } from './rule-words.ts';

const textOf = (rule: Partial<AlertRule> & Pick<AlertRule, 'when'>) => ruleText({ for: '0s', ...rule });

test('says what a rule watches', () => {
  expect(
    textOf({
      when: { metric: 'fileSystemUsageRatio', function: 'last', over: '2m' },
      warn: { on: 0.9, off: 0.87 },
      crit: { on: 0.97, off: 0.95 },
      for: '5m',
    }),
  ).toBe('File system usage, last value over 2m: warning at 90 % or more, critical at 97 % or more, for 5m');
  expect(textOf({ when: { state: 'offline' }, for: '50s' })).toBe('Host is offline: critical, for 50s');
  expect(textOf({ when: { state: 'task_failed' }, severity: 'warn' })).toBe('A task failed: warning');
});

test('low values are bad where the alert ends above them', () => {
  expect(
    textOf({ when: { metric: 'memoryAvailableRatio', function: 'avg' }, crit: { on: 0.02, off: 0.04 } }),
  ).toBe('Memory available, average: critical at 2 % or less');
  expect(
    textOf({
      when: { metric: 'fileSystemUsageRatio', function: 'full_in' },
      warn: { on: '24h', off: '36h' },
    }),
  ).toBe('File system usage, time until full: warning within 24h');
});
