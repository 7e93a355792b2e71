import type { Clock } from './clock.ts';

export type Paced = {
  /** Runs it now, or as soon as the pause since the last run is over; several requests within a pause are one. */
  request(): void;
  /** Takes a request back. */
  cancel(): void;
};

/** Runs something at once, but not more often than once in a pause: for what costs the same however much has changed. */
export function createPaced(run: () => void, pauseMs: number, clock: Clock): Paced {
  let isRequested = false;
  let cancelPause: (() => void) | null = null;

  const runNow = () => {
    isRequested = false;
    cancelPause = clock.after(pauseMs, () => {
      cancelPause = null;
      if (isRequested) runNow();
    });
    run();
  };
  return {
    request() {
      isRequested = true;
      if (cancelPause === null) runNow();
    },
    cancel() {
      isRequested = false;
      cancelPause?.();
      cancelPause = null;
    },
  };
}
