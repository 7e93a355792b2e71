import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { replyOf, rethrow, toBusError } from './client.ts';
import { CLOSED } from './failure-text.ts';

type Replies = [error: Error | null, result: unknown][];

/**
 * Runs commands in one round trip. Rejects with BusError for any error except `WRONGTYPE`, which
 * only concerns its own key.
 */
export async function readBatch(
  redis: Redis,
  fill: (pipeline: ReturnType<Redis['pipeline']>) => void,
): Promise<Replies> {
  const pipeline = redis.pipeline();
  fill(pipeline);
  const replies = await pipeline.exec().catch(rethrow);
  if (replies === null) throw new BusError('disconnected', CLOSED);
  for (const [error] of replies) if (error !== null && !isWrongType(error)) throw toBusError(error);
  return replies;
}

/** Returns true for the error of a key that holds another type than the command needs. */
export const isWrongType = (error: unknown) => replyOf(error) === 'WRONGTYPE';
