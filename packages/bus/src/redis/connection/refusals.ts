import type { BusError } from '../../bus-error.ts';
import { toBusError } from './client.ts';
import type { ConnectionScope } from './keep-connected.ts';
import { leaveReplica } from './redis-session.ts';

/** Judges the failures of one kind of command; a refusal is said once, and again after a success in between. */
export function createRefusals(onRefused?: (error: BusError) => void) {
  let refusal: string | null = null;
  return {
    accepted: () => {
      refusal = null;
    },
    /** A server that is gone, or may not be written to, ends the scope. */
    failed: (scope: ConnectionScope, cause: unknown) => {
      const error = toBusError(cause);
      if (error.code !== 'refused') return scope.end(error);
      leaveReplica(scope, error);
      if (error.reply !== refusal) onRefused?.(error);
      refusal = error.reply;
    },
  };
}
