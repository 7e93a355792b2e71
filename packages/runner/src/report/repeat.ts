export type Repetition = {
  /** Sends again now, or after the send in flight. */
  again(): void;
  stop(): void;
};

/** Sends now, and again `everyMs` after each send has ended, until it is stopped. */
export function startRepeating(send: () => Promise<unknown>, { everyMs }: { everyMs: number }): Repetition {
  let timer: NodeJS.Timeout | undefined;
  let state: 'idle' | 'sending' | 'sending, then again' | 'stopped' = 'idle';

  const run = async () => {
    clearTimeout(timer);
    if (state === 'stopped') return;
    if (state !== 'idle') {
      state = 'sending, then again';
      return;
    }
    state = 'sending';
    await send();
    const after = state as string; // it changes while this waits
    if (after === 'stopped') return;
    state = 'idle';
    if (after === 'sending, then again') await run();
    else timer = setTimeout(run, everyMs);
  };
  void run();
  return {
    again: () => void run(),
    stop: () => {
      state = 'stopped';
      clearTimeout(timer);
    },
  };
}
