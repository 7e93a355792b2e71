import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { replyOf, rethrow, toBusError } from './client.ts';
import { CLOSED } from './failure-text.ts';

type Replies = [error: Error | null, result: unknown][];

/** Runs commands in one round trip. A reply `WRONGTYPE` concerns its key alone; any other error is thrown as BusError. */
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

/** Whether a reply says that a key holds something else than the command is for. */
export const isWrongType = (error: unknown) => replyOf(error) === 'WRONGTYPE';
