import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { describeTaskContract } from '../contract/task-contract.ts';
import { describeTaskModel } from '../contract/task-model-contract.ts';
import { startTaskBus } from './test-task-bus.ts';

describe('tasks on Redis', () => {
  const startBus = async () => {
    const server = await startRedis();
    const bus = await startTaskBus(server);
    return {
      ...bus,
      [Symbol.asyncDispose]: async () => {
        await bus[Symbol.asyncDispose]();
        await server[Symbol.asyncDispose]();
      },
    };
  };
  describeTaskContract(startBus);
  describeTaskModel(startBus, { runs: 50, maxCommands: 150, maxMs: 60_000 });
});
