import type { Life } from './memory-scope.ts';

/** Wakes those who wait for news. */
export function createBell() {
  const waiting = new Set<() => void>();

  const heard = (waitMs: number, signal: AbortSignal) =>
    new Promise<void>((resolve) => {
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        waiting.delete(wake);
        resolve();
      };
      const timer = setTimeout(wake, waitMs);
      signal.addEventListener('abort', wake);
      waiting.add(wake);
    });

  return {
    ring: () => {
      for (const wake of waiting) wake();
    },
    /**
     * Looks now and at each ring until there is something, or the time is over.
     * @returns the last look
     * @throws BusError `disconnected` when the life ends
     */
    lookUntil: async <T>(look: () => T, isSomething: (seen: T) => boolean, waitMs: number, life: Life) => {
      const endMs = performance.now() + waitMs;
      for (;;) {
        life.assertAlive();
        const seen = look();
        const leftMs = endMs - performance.now();
        if (isSomething(seen) || leftMs <= 0) return seen;
        await heard(leftMs, life.signal);
      }
    },
  };
}
