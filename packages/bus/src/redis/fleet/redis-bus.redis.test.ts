import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { describeBusContract } from '../../testing/contract/bus-contract.ts';
import { HOST, OTHER_HOST } from '../../testing/contract/sample-factory.ts';
import { aclOf, waysTo } from '../../testing/test-users.ts';
import { startRedisFleet } from './fleet.ts';
import { startRedisPublisher } from './publisher.ts';

describe('the bus on Redis, with no more rights than each needs', () => {
  describeBusContract(async () => {
    const server = await startRedis({ acl: aclOf([HOST, OTHER_HOST]) });
    const as = waysTo(server.url);
    return {
      startPublisher: (host) => startRedisPublisher({ redis: as.agent(host), host }),
      startFleet: (listener) => startRedisFleet({ redis: as.hub, listener }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
});
