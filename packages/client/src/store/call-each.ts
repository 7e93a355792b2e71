/**
 * Calls all listeners. An exception of one is rethrown outside, so that it affects neither the
 * others nor the caller.
 */
export function callEach<Arguments extends readonly unknown[]>(
  listeners: Iterable<(...values: Arguments) => void>,
  ...values: Arguments
): void {
  for (const listener of [...listeners]) {
    try {
      listener(...values);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
