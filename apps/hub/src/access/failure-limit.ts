import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { networkOf } from '../http/address.ts';

/**
 * Invalid credentials allowed per address: more than typing errors, far too few to guess 32 bytes.
 */
const FAILURES = 10;
const PER_SECONDS = 60;

/** Counts failures by address, and forgets them after a minute. */
export type FailureLimit = {
  /**
   * Counts a failure.
   * @returns milliseconds until the address may fail again; `null`: now
   * @param guess hash of the invalid credential. Repeating it is not another guess, but a program
   * that does not know yet that its token has ended.
   */
  count(address: string, guess?: string): Promise<number | null>;
};

export function createFailureLimit(): FailureLimit {
  const limiter = new RateLimiterMemory({ points: FAILURES, duration: PER_SECONDS });
  const guesses = new RateLimiterMemory({ points: 1, duration: PER_SECONDS });
  const waitMsOf = async (network: string): Promise<number | null> => {
    const state = await limiter.get(network);
    if (state === null || state.consumedPoints <= FAILURES || state.msBeforeNext <= 0) return null;
    return state.msBeforeNext;
  };
  return {
    async count(address, guess) {
      const network = networkOf(address);
      const waitMs = await waitMsOf(network);
      if (waitMs !== null) return waitMs; // nothing more is stored while it is limited
      if (guess !== undefined) {
        const { consumedPoints } = await guesses.penalty(`${network} ${guess}`);
        if (consumedPoints > 1) return null;
      }
      const state = await limiter.penalty(network);
      return state.consumedPoints > FAILURES ? state.msBeforeNext : null;
    },
  };
}
