import { openMemoryBlocks } from './memory-blocks.ts';
import { createHistory } from './memory-history.ts';
import { describeHistory } from './testing/history-contract.ts';
import { DEFAULT_RETENTION } from './tiers.ts';

describeHistory('a history in memory', async (options) => {
  const blocks = openMemoryBlocks();
  const start = () =>
    createHistory({
      open: () => ({ ...blocks }),
      retention: DEFAULT_RETENTION,
      maxBytes: Number.POSITIVE_INFINITY,
      minFreeBytes: 0,
      monotonicMs: options.nowMs,
      onClockDoubt: () => {},
      onRecording: () => {},
      ...options,
    });
  let history = start();
  return {
    get history() {
      return history;
    },
    async restart({ isGraceful = false } = {}) {
      if (isGraceful) await history[Symbol.asyncDispose]();
      history = start();
    },
    [Symbol.asyncDispose]: () => history[Symbol.asyncDispose](),
  };
});
