import type { Redis } from 'ioredis';

/** Returns the time by the clock of Redis, in milliseconds since 1970. */
export async function readTime(redis: Redis): Promise<number> {
  const [seconds, micros] = await redis.time();
  return Number(seconds) * 1000 + Math.floor(Number(micros) / 1000);
}
