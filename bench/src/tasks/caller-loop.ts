/** Independent callers, each of which does one thing after the other until they are stopped. */
export type CallerLoop = {
  /** Starts callers; `act` does one thing and takes the number of its caller. */
  start(callers: number): void;
  /** Resolves when what is under way is done. Rejects with what went wrong. */
  stop(): Promise<void>;
  /** @throws what went wrong at any caller; after that all have stopped. */
  assertRuns(): void;
};

export function createCallerLoop(act: (caller: number) => Promise<void>): CallerLoop {
  let isStopped = false;
  let failure: Error | null = null;
  let running: Promise<void>[] = [];
  const assertRuns = () => {
    if (failure) throw failure;
  };
  const loop = async (caller: number) => {
    while (!isStopped && !failure) await act(caller);
  };
  return {
    start(callers) {
      isStopped = false;
      for (let caller = 0; caller < callers; caller++) {
        running.push(
          loop(caller).catch((error: Error) => {
            failure ??= error;
          }),
        );
      }
    },
    async stop() {
      isStopped = true;
      await Promise.all(running);
      running = [];
      assertRuns();
    },
    assertRuns,
  };
}
