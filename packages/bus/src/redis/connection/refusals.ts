import type { BusError } from '../../bus-error.ts';
import { toBusError } from './client.ts';
import type { Life } from './keep-connected.ts';

/** Judges the failures of one kind of command; a refusal is said once, and again after a success in between. */
export function createRefusals(onRefused?: (error: BusError) => void) {
  let refusal: string | null = null;
  return {
    accepted: () => {
      refusal = null;
    },
    /** A server that is gone, or may not be written to, ends the life. */
    failed: (life: Life, cause: unknown) => {
      const error = toBusError(cause);
      if (error.code !== 'refused') return life.end(error);
      if (error.reply === 'READONLY') life.end(error); // a master that became a replica: look for the new one
      if (error.reply !== refusal) onRefused?.(error);
      refusal = error.reply;
    },
  };
}
