import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createCallerLoop } from './caller-loop.ts';

test('each caller does one thing at a time, until it is stopped; what is under way is finished', async () => {
  const underWay = new Set<number>();
  let done = 0;
  const loop = createCallerLoop(async (caller) => {
    expect(underWay).not.toContain(caller);
    underWay.add(caller);
    await turn();
    underWay.delete(caller);
    done++;
  });
  loop.start(3);
  while (done < 9) await turn();
  expect(underWay.size).toBeGreaterThan(0);
  await loop.stop();
  expect(underWay.size).toBe(0);
  const doneAtTheEnd = done;
  await turn();
  expect(done).toBe(doneAtTheEnd);
});

test('an error stops all callers and is reported', async () => {
  let calls = 0;
  const loop = createCallerLoop(async (caller) => {
    calls++;
    await turn();
    if (caller === 1) throw new Error('refused');
  });
  loop.start(2);
  await turn();
  await turn();
  await expect(loop.stop()).rejects.toThrow('refused');
  expect(() => loop.assertRuns()).toThrow('refused');
  expect(calls).toBeLessThanOrEqual(4);
});
