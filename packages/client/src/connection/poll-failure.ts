import { BoonerError } from '../http/booner-error.ts';
import type { ConnectionReason, ReasonCode } from './connection-state.ts';

/** Returns the meaning of a failed poll for the connection. */
export function pollFailureOf(error: unknown): {
  readonly reason: ConnectionReason;
  readonly retryAfterMs: number | null;
} {
  const detail = error instanceof Error ? error.message : String(error);
  if (!(error instanceof BoonerError)) return { reason: { code: 'failing', detail }, retryAfterMs: null };
  return { reason: { code: codeOf(error), detail }, retryAfterMs: error.retryAfterMs };
}

function codeOf({ code }: BoonerError): ReasonCode {
  if (code === 'unauthorized' || code === 'forbidden') return 'refused';
  return code === 'unreachable' || code === 'timeout' ? 'unreachable' : 'failing';
}
