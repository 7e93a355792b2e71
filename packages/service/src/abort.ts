/** Resolves when the signal aborts. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Waits for a promise, or until the signal aborts. Unlike a race with {@link aborted}, it leaves no
 * listener behind, so it may be called for weeks on one signal. A later rejection is ignored.
 */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T | 'aborted'> {
  return new Promise((resolve, reject) => {
    const onAbort = () => resolve('aborted');
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

/** Waits on a timer. Resolves to `false` when the signal ended the wait. */
export function sleep(ms: number, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve(false);
    const end = (ranOut: boolean) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(ranOut);
    };
    const onAbort = () => end(false);
    const timer = setTimeout(end, ms, true);
    signal.addEventListener('abort', onAbort);
  });
}

/** A timer that is this late shows that the process stood still. */
const LATE_MS = 250;
/** For what arrived while the process stood still. */
const GRACE_MS = 1000;

/**
 * As `AbortSignal.timeout`, but a process that stood still first has a second to read what arrived
 * meanwhile: its timers come before its sockets, and an answer that is there is not missing.
 */
export function timeoutSignal(ms: number): AbortSignal {
  const controller = new AbortController();
  const arm = (waitMs: number) => {
    const dueMs = performance.now() + waitMs;
    const onTimer = () => {
      if (performance.now() > dueMs + LATE_MS) arm(GRACE_MS);
      else controller.abort(new DOMException('The operation timed out', 'TimeoutError'));
    };
    setTimeout(onTimer, waitMs).unref();
  };
  arm(ms);
  return controller.signal;
}
