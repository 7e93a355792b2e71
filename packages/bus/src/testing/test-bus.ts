import { eventually } from '@booner/testkit';
import { Redis } from 'ioredis';
import type { RedisSettings } from '../redis/connection/connection-options.ts';
import { startRedisFleet } from '../redis/fleet/fleet.ts';
import { startRedisPublisher } from '../redis/fleet/publisher.ts';
import { untilConnected } from './contract/connection-contract.ts';
import { recordEvents } from './contract/recording-listener.ts';
import { HOST } from './contract/sample-factory.ts';

/** Waits in these tests for something that takes a moment. */
export const until = (what: string, condition: () => unknown, deadlineMs = 60_000) =>
  eventually(condition, { what, deadlineMs });

/** Starts a hub's side that records what it receives. */
export async function startRecordedFleet(redis: RedisSettings) {
  const received = recordEvents();
  const fleet = await startRedisFleet({ redis, listener: received.listener });
  return { fleet, received, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() };
}

/** Both sides, connected. */
export async function startConnectedBus(redis: RedisSettings, fleetRedis = redis) {
  const refusals: string[] = [];
  const hub = await startRecordedFleet(fleetRedis);
  const publisher = await startRedisPublisher({
    redis,
    host: HOST,
    onRefused: (error) => void refusals.push(error.message),
  });
  await untilConnected(publisher, hub.fleet);
  return {
    ...hub,
    publisher,
    refusals,
    async [Symbol.asyncDispose]() {
      await Promise.all([publisher[Symbol.asyncDispose](), hub[Symbol.asyncDispose]()]);
    },
  };
}

/** An operator's connection, as `redis-cli` has one. */
export function connectOperator(url: string) {
  const redis = new Redis(url, { disableClientInfo: true, connectionName: 'operator' });
  return { redis, [Symbol.dispose]: () => redis.disconnect() };
}
