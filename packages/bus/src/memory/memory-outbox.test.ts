import { describe } from 'vitest';
import { describeOutboxContract } from '../testing/contract/outbox-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('the outbox in memory', () => {
  describeOutboxContract(async () => {
    const bus = createMemoryBus();
    return {
      startOutbox: async (hub) => bus.startOutbox({ hub }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
