import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';
import { networkOf } from '../http/address.ts';

/** Authentic deliveries of one hook that one hub accepts. */
export const DELIVERIES = 60;
export const PER_SECONDS = 60;
/** Deliveries of one address to one hook that were not authentic. */
const FAILURES = 10;
/** Stands for unknown keys, which share one limit. No hook has this name. */
const UNKNOWN = '';

/**
 * Limits deliveries before their bodies are read. Those that are not authentic count against their
 * address and leave the share of the hook to others, so that a key that leaked cannot silence it.
 */
export function createHookLimits() {
  const deliveries = new RateLimiterMemory({ points: DELIVERIES, duration: PER_SECONDS });
  const failures = new RateLimiterMemory({ points: FAILURES, duration: PER_SECONDS });
  const failureKey = (hook: string | null, address: string) => `${networkOf(address)} ${hook ?? UNKNOWN}`;
  return {
    /**
     * Takes a place of the hook for a delivery.
     * @param hook `null`: no hook has this key
     * @returns milliseconds until it may come again; `null`: it is admitted
     */
    async admit(hook: string | null, address: string): Promise<number | null> {
      const failed = await failures.get(failureKey(hook, address));
      if (failed !== null && failed.consumedPoints > FAILURES) return failed.msBeforeNext;
      const { consumedPoints, msBeforeNext } = await deliveries.penalty(hook ?? UNKNOWN);
      if (consumedPoints <= DELIVERIES) return null;
      await deliveries.reward(hook ?? UNKNOWN);
      return msBeforeNext;
    },

    /**
     * Gives the place back, and counts a failure of the address.
     * @returns milliseconds until it may fail again; `null`: now
     */
    async fail(hook: string | null, address: string): Promise<number | null> {
      await deliveries.reward(hook ?? UNKNOWN);
      const { consumedPoints, msBeforeNext } = await failures.penalty(failureKey(hook, address));
      return consumedPoints > FAILURES ? msBeforeNext : null;
    },
  };
}

export type HookLimits = ReturnType<typeof createHookLimits>;
