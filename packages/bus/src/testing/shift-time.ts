import { HUBS_KEY, leaseKey } from '@booner/protocol/redis-names';
import { ALL_SHARDS } from '@booner/protocol/shard';
import type { Redis } from 'ioredis';

/** Moves every deadline instead of the clock, which no test can set. */
const SHIFT = `
local by_ms = tonumber(ARGV[1])
for _, key in ipairs(KEYS) do
  local ttl_ms = redis.call('PTTL', key)
  if ttl_ms >= 0 then redis.call('PEXPIRE', key, ttl_ms - by_ms) end
end
for _, hub in ipairs(redis.call('ZRANGE', KEYS[1], 0, -1)) do
  redis.call('ZINCRBY', KEYS[1], -by_ms, hub)
end`;

const KEYS = [HUBS_KEY, ...ALL_SHARDS.map((shard) => leaseKey(shard))];

/**
 * Lets time pass for the leases of a Redis: what would expire within it is gone.
 * @param byMs negative for a clock that is set back
 */
export async function shiftTime(redis: Redis, byMs: number): Promise<void> {
  await redis.eval(SHIFT, KEYS.length, ...KEYS, byMs);
}
