import type { Task } from '@booner/protocol';
import { expect, test } from 'vitest';
import { overflowText, planToast } from './toast-plan.ts';

const completed = { status: 'completed' } as Task;
const failed = { status: 'failed' } as Task;
const none = { ended: 0, failed: 0 };

test('three tasks have a toast of their own', () => {
  expect(planToast(completed, 2, none)).toEqual({ kind: 'task', task: completed, timeoutMs: 6000 });
});

test('one that failed stays until it is closed', () => {
  expect(planToast(failed, 0, none)).toMatchObject({ kind: 'task', timeoutMs: null });
});

test('more are summed up, and the sum stays once one of them failed', () => {
  const first = planToast(completed, 3, none);
  expect(first).toEqual({ kind: 'overflow', overflow: { ended: 1, failed: 0 }, timeoutMs: 6000 });
  expect(planToast(failed, 3, { ended: 1, failed: 0 })).toEqual({
    kind: 'overflow',
    overflow: { ended: 2, failed: 1 },
    timeoutMs: null,
  });
  expect(planToast(completed, 3, { ended: 2, failed: 1 })).toMatchObject({ timeoutMs: null });
});

test('the sum is said in a few words', () => {
  expect(overflowText({ ended: 1, failed: 0 })).toBe('and 1 more task ended');
  expect(overflowText({ ended: 12, failed: 2 })).toBe('and 12 more tasks ended, 2 of them failed');
});
