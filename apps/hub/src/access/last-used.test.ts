import { BusError } from '@booner/bus';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { LastUsed } from './last-used.ts';

const START_MS = 1_700_000_000_000;

beforeEach(() => {
  vi.useFakeTimers({ now: START_MS });
});
afterEach(() => {
  vi.useRealTimers();
});

/** Runs until the end of the callback. `writes` are those that reached the bus. */
async function run(callback: (world: { lastUsed: LastUsed; fail: (value: boolean) => void }) => unknown) {
  const writes: [string, number][][] = [];
  let isFailing = false;
  const bus = {
    whenConnected: async (signal: AbortSignal) => !signal.aborted,
    markUsed: async (usedAtMs: ReadonlyMap<string, number>) => {
      if (isFailing) throw new BusError('disconnected', 'unreachable');
      writes.push([...usedAtMs]);
    },
  };
  const lastUsed = new LastUsed({ bus, log: recordingLog().log });
  const stop = new AbortController();
  const running = lastUsed.run({ signal: stop.signal });
  await callback({
    lastUsed,
    fail: (value) => {
      isFailing = value;
    },
  });
  stop.abort();
  await running;
  return writes;
}

describe('the last uses of credentials', () => {
  it('are written together, each with its latest time, and until then known here', async () => {
    const writes = await run(async ({ lastUsed }) => {
      await vi.advanceTimersByTimeAsync(1000);
      lastUsed.note('a');
      lastUsed.note('b');
      await vi.advanceTimersByTimeAsync(1000);
      lastUsed.note('a');
      expect([lastUsed.of('a'), lastUsed.of('b')]).toEqual([START_MS + 2000, START_MS + 1000]);
      await vi.advanceTimersByTimeAsync(10_000);
      expect([lastUsed.of('a'), lastUsed.of('c')]).toEqual([null, null]);
    });
    expect(writes).toEqual([
      [
        ['a', START_MS + 2000],
        ['b', START_MS + 1000],
      ],
    ]);
  });

  it('are written at most once a minute for each credential', async () => {
    const writes = await run(async ({ lastUsed }) => {
      for (let second = 0; second < 150; second += 1) {
        lastUsed.note('a');
        await vi.advanceTimersByTimeAsync(1000);
      }
      expect(lastUsed.of('a')).toBe(START_MS + 149_000);
    });
    expect(writes).toHaveLength(3);
  });

  it('are kept while the bus fails', async () => {
    const writes = await run(async ({ lastUsed, fail }) => {
      fail(true);
      lastUsed.note('a');
      await vi.advanceTimersByTimeAsync(20_000);
      expect(lastUsed.of('a')).toBe(START_MS);
      fail(false);
      await vi.advanceTimersByTimeAsync(20_000);
      expect(lastUsed.of('a')).toBeNull();
    });
    expect(writes).toEqual([[['a', START_MS]]]);
  });
});
