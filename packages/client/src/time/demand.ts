import type { Clock } from './clock.ts';

export type Demand = {
  /** Says that it is needed. @returns what ends that */
  hold(): () => void;
  readonly isHeld: boolean;
  /** Stops at once, whoever holds it; nothing starts it again. */
  end(): void;
};

export type DemandOptions = {
  readonly start: () => void;
  readonly stop: () => void;
  /** It goes on for this long after the last hold: a view that is left and entered again, or mounted twice, changes nothing. */
  readonly lingerMs: number;
  readonly clock: Clock;
};

/** Starts something when it is needed first, and stops it when it is not needed any more. */
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
