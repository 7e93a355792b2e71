import { describe } from 'vitest';
import { describeRolloutContract } from '../testing/contract/rollout-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('rollouts in memory', () => {
  describeRolloutContract(async () => {
    const bus = createMemoryBus();
    return {
      startRollouts: async () => bus.startRollouts(),
      startLeases: async (hub) => bus.startLeases({ hub }),
      startTasks: async () => bus.startTasks(),
      [Symbol.asyncDispose]: async () => {},
    };
  });
});
