import { expect, it } from 'vitest';
import { createHookLimits, DELIVERIES } from './hook-limits.ts';

const SENDER = '192.0.2.1';
async function times<T>(count: number, run: () => Promise<T>): Promise<readonly T[]> {
  const results: T[] = [];
  while (results.length < count) results.push(await run());
  return results;
}

it('admits so many deliveries of a hook, and no more than that from anybody', async () => {
  const limits = createHookLimits();
  expect(await times(DELIVERIES, () => limits.admit('web', SENDER))).toEqual(
    Array.from({ length: DELIVERIES }, () => null),
  );
  expect(await limits.admit('web', '198.51.100.1')).toBeGreaterThan(0);
  expect(await limits.admit('other', SENDER)).toBeNull();
});

it('keeps a hook free for others while somebody fails, however often', async () => {
  const limits = createHookLimits();
  const failing = async () => {
    const waitMs = await limits.admit('web', '198.51.100.1');
    return waitMs ?? limits.fail('web', '198.51.100.1');
  };
  const answers = await times(5 * DELIVERIES, failing);
  expect(answers.filter((waitMs) => waitMs === null)).toHaveLength(10);
  expect(await times(DELIVERIES, () => limits.admit('web', SENDER))).toEqual(
    Array.from({ length: DELIVERIES }, () => null),
  );
});

it('is not filled by a burst that fails all at once', async () => {
  const limits = createHookLimits();
  const burst = Array.from({ length: 10 * DELIVERIES }, (_, index) => `198.51.${index >> 8}.${index & 255}`);
  const admitted = await Promise.all(burst.map((address) => limits.admit('web', address)));
  expect(admitted.filter((waitMs) => waitMs === null)).toHaveLength(DELIVERIES);
  await Promise.all(burst.slice(0, DELIVERIES).map((address) => limits.fail('web', address)));
  expect(await limits.admit('web', SENDER)).toBeNull();
});

it('does not hold unknown keys against a hook', async () => {
  const limits = createHookLimits();
  await times(DELIVERIES, async () => {
    if ((await limits.admit(null, SENDER)) === null) await limits.fail(null, SENDER);
  });
  expect(await limits.admit(null, SENDER)).toBeGreaterThan(0);
  expect(await limits.admit('web', SENDER)).toBeNull();
});
