import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { describeTaskContract } from '../../testing/contract/task-contract.ts';
import { describeTaskModel } from '../../testing/contract/task-model-contract.ts';
import { startTaskBus } from '../../testing/test-task-bus.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';

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
