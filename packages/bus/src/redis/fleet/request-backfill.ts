import { type BackfillRequest, backfillRequestSchema, type HostId } from '@booner/protocol';
import { backfillRequestKey } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { joinRequests } from '../../join-requests.ts';
import { rethrow } from '../connection/client.ts';

/** An agent that has not answered by then will not. */
const REQUEST_TTL_MS = 120_000;

/**
 * Asks a host's agent for samples. Rejects with BusError.
 * @returns the request in force: that of another hub, if it covers this one
 */
export async function requestBackfill(
  redis: Redis,
  host: HostId,
  request: BackfillRequest,
): Promise<BackfillRequest> {
  const key = backfillRequestKey(host);
  const stored = await redis.get(key).catch(rethrow);
  const inForce = stored === null ? null : backfillRequestSchema.parse(JSON.parse(stored));
  const joined = joinRequests(inForce, request);
  if (joined !== inForce) await redis.set(key, JSON.stringify(joined), 'PX', REQUEST_TTL_MS).catch(rethrow);
  return joined;
}
