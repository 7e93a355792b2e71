import { isIPv6 } from 'node:net';
import RateLimiterMemory from 'rate-limiter-flexible/lib/RateLimiterMemory.js';

/** Wrong credentials that one address may show. Nobody types that many by mistake, and 32 random bytes are not guessed by ten. */
const FAILURES = 10;
const PER_SECONDS = 60;

/** Counts failures by address, and forgets them after a minute. */
export type FailureLimit = {
  /** Milliseconds for which an address has to wait; `null`: not at all. */
  waitMs(address: string): Promise<number | null>;
  /**
   * Counts a failure. @returns as {@link FailureLimit.waitMs}
   * @param guess what was wrong, hashed: shown again it is no further guess, but a program that does not know yet that its token is over
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
    waitMs: (address) => waitMsOf(networkOf(address)),
    async count(address, guess) {
      const network = networkOf(address);
      const waitMs = await waitMsOf(network);
      if (waitMs !== null) return waitMs; // nothing more is kept of who waits
      if (guess !== undefined) {
        const { consumedPoints } = await guesses.penalty(`${network} ${guess}`);
        if (consumedPoints > 1) return null;
      }
      const state = await limiter.penalty(network);
      return state.consumedPoints > FAILURES ? state.msBeforeNext : null;
    },
  };
}

/** An IPv4 address, or the /64 that an IPv6 address is in: whoever has one of these has them all. */
export function networkOf(address: string): string {
  if (!isIPv6(address)) return address;
  const [head = '', tail = ''] = address.split('::');
  const groups = (part: string) => part.split(':').filter((group) => group !== '');
  const given = groups(head);
  const left = Math.max(0, 8 - given.length - groups(tail).length - (tail.includes('.') ? 1 : 0));
  const all = address.includes('::')
    ? [...given, ...Array.from({ length: left }, () => '0'), ...groups(tail)]
    : given;
  return `${all
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
