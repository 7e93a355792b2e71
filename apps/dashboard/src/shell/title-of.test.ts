import { expect, test } from 'vitest';
import { hasTrouble, titleOf } from './title-of.ts';

const calm = { outage: null, criticalAlerts: 0, targets: 0, failedTasks: 0 };

test('a calm page says where it is', () => {
  expect(titleOf(calm, 'Fleet')).toBe('Booner · Fleet');
  expect(titleOf(calm, '')).toBe('Booner');
  expect(hasTrouble(calm)).toBe(false);
});

test('trouble comes first', () => {
  expect(titleOf({ ...calm, targets: 2 }, 'Fleet')).toBe('(2 in trouble) Booner · Fleet');
  expect(titleOf({ ...calm, failedTasks: 1 }, 'Tasks')).toBe('(1 failed) Booner · Tasks');
  expect(titleOf({ ...calm, criticalAlerts: 3, targets: 2, failedTasks: 1 }, 'Tasks')).toBe(
    '(3 critical, 1 failed, 2 in trouble) Booner · Tasks',
  );
  expect(hasTrouble({ ...calm, criticalAlerts: 1 })).toBe(true);
  expect(hasTrouble({ ...calm, targets: 1 })).toBe(true);
});

test('during an outage, the title says only that', () => {
  const trouble = { outage: 'hub', criticalAlerts: 3, targets: 2, failedTasks: 1 } as const;
  expect(titleOf(trouble, 'Fleet')).toBe('Offline · Booner · Fleet');
  expect(titleOf({ ...trouble, outage: 'redis' }, 'Fleet')).toBe('Cut off · Booner · Fleet');
  expect(hasTrouble({ ...calm, outage: 'redis' })).toBe(true);
});
