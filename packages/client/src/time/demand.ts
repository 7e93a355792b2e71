import type { Clock } from './clock.ts';

export type Demand = {
  /** Acquires a hold. Returns a function that releases it. */
  hold(): () => void;
  readonly isHeld: boolean;
  /** Stops at once, regardless of holds, and permanently. */
  end(): void;
};

export type DemandOptions = {
  readonly start: () => void;
  readonly stop: () => void;
  /**
   * Continues for this long after the last hold, so that leaving and reopening a view, or mounting
   * it twice, changes nothing.
   */
  readonly lingerMs: number;
  readonly clock: Clock;
};

/** Starts something on the first hold, and stops it after the last one is released. */
export function createDemand({ start, stop, lingerMs, clock }: DemandOptions): Demand {
  let holds = 0;
  let isRunning = false;
  let isOver = false;
  let cancelStop: (() => void) | null = null;

  const stopNow = () => {
    cancelStop = null;
    isRunning = false;
    stop();
  };
  return {
    get isHeld() {
      return holds > 0;
    },
    hold() {
      holds++;
      cancelStop?.();
      cancelStop = null;
      if (!isRunning && !isOver) {
        isRunning = true;
        start();
      }
      let isReleased = false;
      return () => {
        if (isReleased) return;
        isReleased = true;
        holds--;
        if (holds === 0 && isRunning) cancelStop = clock.after(lingerMs, stopNow);
      };
    },
    end() {
      isOver = true;
      cancelStop?.();
      if (isRunning) stopNow();
    },
  };
}
