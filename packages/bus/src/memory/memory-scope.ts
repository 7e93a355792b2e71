import { BusError } from '../bus-error.ts';
import type { BusConnection } from '../ports.ts';

/** The connection of one user of the bus: there from the start until it is disposed of. */
export function startLife() {
  let connection: BusConnection = { state: 'connected', sinceMs: Date.now() };
  const end = new AbortController();
  return {
    connection: () => connection,
    /** There is nothing to wait for: connected until the end, and never again. */
    whenConnected: async (signal: AbortSignal) => !end.signal.aborted && !signal.aborted,
    ended: () => end.signal.aborted,
    /** Aborts at the end. */
    signal: end.signal,
    /** @throws BusError `disconnected` after the end */
    assertAlive: () => {
      if (end.signal.aborted) throw new BusError('disconnected', 'stopped');
    },
    end: () => {
      if (end.signal.aborted) return;
      connection = { state: 'disconnected', sinceMs: Date.now(), reason: 'stopped' };
      end.abort();
    },
  };
}

export type Life = ReturnType<typeof startLife>;
