import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { HOST, OTHER_HOST } from '../contract/sample-factory.ts';
import { describeTaskContract } from '../contract/task-contract.ts';
import { describeTaskModel } from '../contract/task-model-contract.ts';
import { aclOf, waysTo } from './acl/test-users.ts';
import { startTaskBus } from './test-task-bus.ts';

describe('tasks on Redis, with no more rights than each needs', () => {
  const startBus = async () => {
    const server = await startRedis({ acl: aclOf([HOST, OTHER_HOST]) });
    const bus = await startTaskBus(server, waysTo(server.url));
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
