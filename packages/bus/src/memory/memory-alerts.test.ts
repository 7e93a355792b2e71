import { describe } from 'vitest';
import { describeAlertContract } from '../testing/contract/alert-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('alerts in memory', () => {
  describeAlertContract(async () => {
    const bus = createMemoryBus();
    return {
      startAlerts: async (onRejected) => bus.startAlerts({ onRejected }),
      startLeases: async (hub) => bus.startLeases({ hub }),
      startOutbox: async (hub) => bus.startOutbox({ hub }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
