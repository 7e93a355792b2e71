import { describe } from 'vitest';
import { describeLeaseContract } from '../testing/contract/lease-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('leases in memory', () => {
  describeLeaseContract(async () => {
    const bus = createMemoryBus();
    return {
      startLeases: async (hub) => bus.startLeases({ hub }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
