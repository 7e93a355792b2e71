import { describe } from 'vitest';
import { describeBusContract } from '../testing/contract/bus-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('the bus in memory', () => {
  describeBusContract(async () => {
    const bus = createMemoryBus();
    return {
      startPublisher: async (host) => bus.startPublisher(host),
      startFleet: async (listener) => bus.startFleet(listener),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
