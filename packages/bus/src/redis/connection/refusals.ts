import type { BusError } from '../../bus-error.ts';
import { toBusError } from './client.ts';
import type { ConnectionScope } from './keep-connected.ts';
import { leaveReplica } from './redis-session.ts';

/**
 * Handles failures of one kind of command. Each refusal is reported once, and again after a
 * success.
 */
export function createRefusals(onRefused?: (error: BusError) => void) {
  let refusal: string | null = null;
  return {
    accepted: () => {
      refusal = null;
    },
    /** Ends the scope if the server is unreachable or a read-only replica. */
    failed: (scope: ConnectionScope, cause: unknown) => {
      const error = toBusError(cause);
      if (error.code !== 'refused') return scope.end(error);
      leaveReplica(scope, error);
      if (error.reply !== refusal) onRefused?.(error);
      refusal = error.reply;
    },
  };
}
