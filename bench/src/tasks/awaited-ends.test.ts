import { expect, test } from 'vitest';
import { createAwaitedEnds } from './awaited-ends.ts';

test('an end is the same whether it is seen before or after it is waited for', async () => {
  const ends = createAwaitedEnds();
  ends.seen('early', 'completed');
  await ends.completed('early', 1000);
  const late = ends.completed('late', 1000);
  ends.seen('late', 'completed');
  await late;
});

test('any end but completion is a problem, and so is none', async () => {
  const ends = createAwaitedEnds();
  ends.seen('a', 'failed');
  await expect(ends.completed('a', 1000)).rejects.toThrow('a task ended failed');
  await expect(ends.completed('b', 10)).rejects.toThrow('had not ended after 0.01 s');
});
