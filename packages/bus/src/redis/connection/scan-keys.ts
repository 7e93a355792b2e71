import { setImmediate as yieldToEventLoop } from 'node:timers/promises';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { rethrow } from './client.ts';

const SCAN_COUNT = 1000;
/** Limit of SCAN rounds: enough for a database of 10 million keys. */
const MAX_SCAN_ROUNDS = 10_000;

/**
 * Returns the keys that match a pattern. Rejects with BusError, also between two rounds after the
 * abort.
 */
export async function scanKeys(redis: Redis, pattern: string, signal: AbortSignal): Promise<Set<string>> {
  const keys = new Set<string>(); // SCAN may return a key more than once
  let cursor = '0';
  for (let round = 0; round < MAX_SCAN_ROUNDS; round += 1) {
    const [next, found] = await redis.scan(cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT).catch(rethrow);
    for (const key of found) keys.add(key);
    if (next === '0') return keys;
    cursor = next;
    await pause(signal);
  }
  throw new BusError(
    'refused',
    `Redis holds more than ${MAX_SCAN_ROUNDS * SCAN_COUNT} keys: give Booner a database of its own`,
  );
}

/** Gives the event loop a turn. Rejects with BusError if the connection has ended. */
export async function pause(signal: AbortSignal): Promise<void> {
  await yieldToEventLoop();
  if (signal.aborted) throw new BusError('disconnected', 'the connection was lost while reading');
}
