import { sleep } from '@booner/service/abort';
import type { Lease, LeaseListener } from './lease-ports.ts';

/** Limits the wait for listeners that finish their work for a shard. */
const FINISH_WITHIN_MS = 1000;

/** Passes changes of a hub's leases to its listeners. */
export function createLeaseListeners(held: () => readonly Lease[]) {
  const listeners = new Set<LeaseListener>();
  return {
    follow: (listener: LeaseListener) => {
      listeners.add(listener);
      const leases = held();
      if (leases.length > 0) listener.onGained(leases);
      return () => void listeners.delete(listener);
    },
    gained: (leases: readonly Lease[]) => {
      if (leases.length > 0) for (const listener of listeners) listener.onGained(leases);
    },
    lost: (leases: readonly Lease[]) => {
      if (leases.length > 0) for (const listener of listeners) void listener.onEnded(leases, 'lost');
    },
    /** Resolves when all listeners have finished, or after {@link FINISH_WITHIN_MS}. */
    released: async (leases: readonly Lease[]) => {
      if (leases.length === 0) return;
      const finishing = Promise.all([...listeners].map((each) => each.onEnded(leases, 'released')));
      const waiting = new AbortController();
      await Promise.race([finishing, sleep(FINISH_WITHIN_MS, waiting.signal)]);
      waiting.abort();
    },
  };
}
