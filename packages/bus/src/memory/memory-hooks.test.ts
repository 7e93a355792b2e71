import { describe } from 'vitest';
import { describeHookContract } from '../testing/contract/hook-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('hooks in memory', () => {
  describeHookContract(async () => {
    const bus = createMemoryBus();
    return {
      start: async () => bus.startHooks(),
      startLeases: async (hub) => bus.startLeases({ hub }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
