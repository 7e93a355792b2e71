import { describe } from 'vitest';
import { describeScheduleContract } from '../testing/contract/schedule-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('schedules in memory', () => {
  describeScheduleContract(async () => {
    const bus = createMemoryBus();
    return {
      start: async () => bus.startSchedules(),
      startLeases: async (hub) => bus.startLeases({ hub }),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
