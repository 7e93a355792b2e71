/** Wakes everything that waits for news. */
export function createNotifier() {
  const waiting = new Set<() => void>();

  const notified = (waitMs: number, signal: AbortSignal) =>
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
    /** Waits for the next notification, or until the time is up or the signal aborts. */
    notified,
    notify: () => {
      for (const wake of waiting) wake();
    },
    /**
     * Polls now and after each notification until there is something, or the time is up.
     * @returns the last result of `poll`
     * @throws what `assertOpen` throws when the scope ends
     */
    pollUntil: async <T>(
      poll: () => T,
      isSomething: (polled: T) => boolean,
      waitMs: number,
      scope: { readonly signal: AbortSignal; assertOpen(): void },
    ) => {
      const endMs = performance.now() + waitMs;
      for (;;) {
        scope.assertOpen();
        const polled = poll();
        const leftMs = endMs - performance.now();
        if (isSomething(polled) || leftMs <= 0) return polled;
        await notified(leftMs, scope.signal);
      }
    },
  };
}
