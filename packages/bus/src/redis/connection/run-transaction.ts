import type { ChainableCommander, Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { rethrow } from './client.ts';
import { CLOSED } from './failure-text.ts';

/**
 * Runs commands in one step and one round trip (MULTI). Rejects with BusError; if Redis refused to
 * queue a command, none of them ran.
 * @returns the replies, one per command
 */
export async function runTransaction(
  redis: Redis,
  fill: (transaction: ChainableCommander) => void,
): Promise<readonly unknown[]> {
  const transaction = redis.multi();
  fill(transaction);
  const replies = await transaction.exec().catch(rethrow);
  if (replies === null) throw new BusError('disconnected', CLOSED);
  return replies.map(([error, reply]) => (error === null ? reply : rethrow(error)));
}
