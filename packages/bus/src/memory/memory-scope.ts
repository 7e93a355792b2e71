import { BusError } from '../bus-error.ts';
import type { BusConnection, BusSide } from '../ports.ts';

/**
 * The connection of one user of a bus in memory: connected from the start until it is disposed of.
 */
export function startMemoryScope() {
  const controller = new AbortController();
  const { signal } = controller;
  let current: BusConnection = { state: 'connected', sinceMs: Date.now() };
  /** @throws BusError `disconnected` after the end */
  const assertOpen = () => {
    if (signal.aborted) throw new BusError('disconnected', 'stopped');
  };
  const end = () => {
    if (signal.aborted) return;
    current = { state: 'disconnected', sinceMs: Date.now(), reason: 'stopped' };
    controller.abort();
  };
  const side: BusSide = {
    connection: () => current,
    whenConnected: async (waiting) => !signal.aborted && !waiting.aborted,
    [Symbol.asyncDispose]: async () => end(),
  };
  return {
    /** The part that all ports share. */
    side,
    /** Aborts at the end. */
    signal,
    ended: () => signal.aborted,
    assertOpen,
    end,
    /** Wraps a method: it rejects with BusError `disconnected` after the end. */
    use:
      <A extends unknown[], R>(run: (...args: A) => R) =>
      async (...args: A): Promise<Awaited<R>> => {
        assertOpen();
        return await run(...args);
      },
  };
}
