import { setImmediate as yieldToLoop } from 'node:timers/promises';

/**
 * Longest stretch of work between two yields. Shorter ones cost a fan-out up to 5 % more processor
 * time.
 */
const TURN_MS = 10;

/**
 * Splits long work on the main thread into turns, so that timers, pongs and other sockets get
 * theirs. Check {@link isOver} after each small step.
 */
export class Turns {
  readonly #turnMs: number;
  #startedAtMs = performance.now();

  constructor(turnMs = TURN_MS) {
    this.#turnMs = turnMs;
  }

  get isOver(): boolean {
    return performance.now() - this.#startedAtMs >= this.#turnMs;
  }

  /** Lets other work run, and starts the next turn. */
  async next(): Promise<void> {
    await yieldToLoop();
    this.#startedAtMs = performance.now();
  }
}
