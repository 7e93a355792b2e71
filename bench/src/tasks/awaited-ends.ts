/** The ends of tasks, which may be seen before or after they are awaited. */
export type AwaitedEnds = {
  seen(id: string, status: string): void;
  /**
   * Resolves when the task has completed. Rejects when it ended otherwise, and at the deadline.
   * Call it once for each task.
   */
  completed(id: string, timeoutMs: number): Promise<void>;
};

export function createAwaitedEnds(): AwaitedEnds {
  const ends = new Map<string, PromiseWithResolvers<string>>();
  const endOf = (id: string) => {
    const known = ends.get(id) ?? Promise.withResolvers<string>();
    ends.set(id, known);
    return known;
  };
  return {
    seen: (id, status) => endOf(id).resolve(status),
    async completed(id, timeoutMs) {
      const end = endOf(id);
      const timer = setTimeout(
        () => end.reject(new Error(`a task had not ended after ${timeoutMs / 1000} s`)),
        timeoutMs,
      );
      try {
        const status = await end.promise;
        if (status !== 'completed') throw new Error(`a task ended ${status}`);
      } finally {
        clearTimeout(timer);
        ends.delete(id);
      }
    },
  };
}
