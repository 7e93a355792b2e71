/** Calls all listeners. What one throws is thrown where nobody catches it, and spares the others and the one who calls. */
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
