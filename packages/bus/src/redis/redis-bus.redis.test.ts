import { startRedis } from '@booner/testkit';
import { describe } from 'vitest';
import { describeBusContract } from '../contract/bus-contract.ts';
import { startRedisFleet } from './fleet.ts';
import { startRedisPublisher } from './publisher.ts';

describe('the bus on Redis', () => {
  describeBusContract(async () => {
    const server = await startRedis();
    const redis = { url: server.url };
    return {
      startPublisher: (host) => startRedisPublisher({ redis, host }),
      startFleet: (listener) => startRedisFleet({ redis, listener }),
      [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
    };
  });
});
