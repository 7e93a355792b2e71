import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { describeAccessContract } from '../../testing/contract/access-contract.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { shareCommands } from '../connection/share-commands.ts';
import { startRedisAccess } from './access.ts';

describe('access on Redis, with no more rights than hubs need', () => {
  describeAccessContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    return {
      startAccess: async () => startRedisAccess({ commands: shareCommands(waysTo(server.url).hub, 'test') }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});
