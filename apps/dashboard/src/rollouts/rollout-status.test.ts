import { expect, test } from 'vitest';
import { batchText, progressOf } from './rollout-status.ts';

test('every host that is done counts, also one that was skipped', () => {
  expect(progressOf({ completed: 3, failed: 1, skipped: 1, cancelled: 1, running: 2, waiting: 2 })).toEqual({
    hosts: 10,
    done: 6,
    failed: 1,
    percent: 60,
  });
  expect(progressOf({}).percent).toBe(0);
});

test('100 % means all hosts', () => {
  expect(progressOf({ completed: 999, running: 1 }).percent).toBe(99);
  expect(progressOf({ completed: 1000 }).percent).toBe(100);
});

test('the batch is counted from one, and stays the last one at the end', () => {
  expect(batchText({ batch: 0, batches: 3 })).toBe('batch 1 of 3');
  expect(batchText({ batch: 3, batches: 3 })).toBe('batch 3 of 3');
});
