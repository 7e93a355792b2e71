import { once } from 'node:events';
import { expect, it } from 'vitest';
import { timeoutSignal } from './abort.ts';

const standStill = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
const nextTurn = () => new Promise((resolve) => setImmediate(resolve));

it('a timeout aborts with a TimeoutError', async () => {
  const signal = timeoutSignal(1);
  await once(signal, 'abort');
  expect(signal.reason).toMatchObject({ name: 'TimeoutError' });
});

it('a timeout lets a process that stood still read what arrived', async () => {
  const signal = timeoutSignal(1);
  standStill(400);
  await nextTurn();
  await nextTurn();
  expect(signal.aborted).toBe(false);
  await once(signal, 'abort');
});
