import type { Clock } from './clock.ts';

export type Paced = {
  /**
   * Runs now, or as soon as the pause since the last run is over. Requests within a pause are
   * merged.
   */
  request(): void;
  /** Cancels a request. */
  cancel(): void;
};

/**
 * Runs something at once, but at most once per pause. For work that costs the same however much has
 * changed.
 */
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
