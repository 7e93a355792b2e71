import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { describeAccessContract } from '../contract/access-contract.ts';
import { startRedisAccess } from './access.ts';
import { aclOf, waysTo } from './acl/test-users.ts';

describe('access on Redis, with no more rights than hubs need', () => {
  describeAccessContract(async () => {
    const server = await startRedis({ acl: aclOf([]) });
    return {
      startAccess: () => startRedisAccess({ redis: waysTo(server.url).hub }),
      [Symbol.asyncDispose]: server[Symbol.asyncDispose],
    };
  });
});
