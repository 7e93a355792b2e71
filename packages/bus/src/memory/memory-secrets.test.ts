import { describe } from 'vitest';
import { describeSecretContract } from '../testing/contract/secret-contract.ts';
import { createMemoryBus } from './memory-bus.ts';

describe('secrets in memory', () => {
  describeSecretContract(async () => {
    const bus = createMemoryBus();
    return { startSecrets: async () => bus.startSecrets(), [Symbol.asyncDispose]: async () => {} };
  });
});
