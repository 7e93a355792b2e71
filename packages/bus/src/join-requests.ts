import type { BackfillRequest } from '@booner/protocol';

/** Returns the request in force if it covers another one; else a new request that covers both. */
export function joinRequests(inForce: BackfillRequest | null, request: BackfillRequest): BackfillRequest {
  if (inForce === null) return request;
  if (inForce.fromMs <= request.fromMs && inForce.toMs >= request.toMs) return inForce;
  return {
    id: request.id,
    fromMs: Math.min(inForce.fromMs, request.fromMs),
    toMs: Math.max(inForce.toMs, request.toMs),
  };
}
