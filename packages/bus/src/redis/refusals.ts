import type { BusError } from '../bus-error.ts';
import { toBusError } from './client.ts';
import type { Life } from './keep-connected.ts';

/** Judges the failures of one kind of command; a refusal is said once, and again after a success in between. */
export function createRefusals(onRefused?: (error: BusError) => void) {
  let refusal = '';
  return {
    accepted: () => {
      refusal = '';
    },
    /** A server that is gone, or may not be written to, ends the life. */
    failed: (life: Life, cause: unknown) => {
      const error = toBusError(cause);
      if (error.code !== 'refused') return life.end(error.message);
      if (error.message.startsWith('READONLY')) life.end(error.message); // a master that became a replica: look for the new one
      const kind = error.message.split(' ', 1)[0] as string;
      if (kind !== refusal) onRefused?.(error);
      refusal = kind;
    },
  };
}
