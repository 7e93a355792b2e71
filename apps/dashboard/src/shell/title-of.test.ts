import { expect, test } from 'vitest';
import { hasTrouble, titleOf } from './title-of.ts';

const calm = { isHubUnreachable: false, offlineTargets: 0, failedTasks: 0 };

test('a calm page says where it is', () => {
  expect(titleOf(calm, 'Fleet')).toBe('Booner · Fleet');
  expect(titleOf(calm, '')).toBe('Booner');
  expect(hasTrouble(calm)).toBe(false);
});

test('trouble comes first', () => {
  expect(titleOf({ ...calm, offlineTargets: 2 }, 'Fleet')).toBe('(2 offline) Booner · Fleet');
  expect(titleOf({ ...calm, failedTasks: 1 }, 'Tasks')).toBe('(1 failed) Booner · Tasks');
  expect(titleOf({ ...calm, offlineTargets: 2, failedTasks: 1 }, 'Tasks')).toBe(
    '(1 failed, 2 offline) Booner · Tasks',
  );
  expect(hasTrouble({ ...calm, offlineTargets: 1 })).toBe(true);
});

test('the title of a fleet whose hub cannot be reached says only that', () => {
  const trouble = { isHubUnreachable: true, offlineTargets: 2, failedTasks: 1 };
  expect(titleOf(trouble, 'Fleet')).toBe('Offline · Booner · Fleet');
  expect(hasTrouble(trouble)).toBe(true);
});
