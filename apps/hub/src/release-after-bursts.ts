import { runInterval } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';

/** More or fewer than when memory was released last: less is not worth the pause. */
const BURST_CONNECTIONS = 200;
/** More or fewer than at the look before: with more of them the burst is not over. */
const QUIET_CONNECTIONS = 20;
/** With a larger heap the pause would be too long. */
const LARGEST_HEAP_BYTES = 64 * 2 ** 20;

export type ReleaseAfterBurstsDeps = {
  /** Of the status stream, which begins now. */
  readonly intervalMs: number;
  readonly connections: () => number;
  readonly heapBytes: () => number;
  readonly onError: (error: unknown) => void;
};

/**
 * Gives back what many connections at once left behind (requests, handshakes, buffers), once they have settled, until the signal aborts: 9 of
 * 108 MiB after 1,000 clients. It takes some 100 ms once, so it is done well before the next broadcast.
 */
export function releaseAfterBursts(
  { intervalMs, connections, heapBytes, onError }: ReleaseAfterBurstsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const isOver = burstWatch(connections());
  const look = async () => {
    if (isOver(connections()) && heapBytes() <= LARGEST_HEAP_BYTES) releaseMemory();
  };
  return runInterval(look, { intervalMs, phaseMs: intervalMs / 6, onError }, { signal });
}

/** @returns whether a burst is over, by the number of connections at each look; says so once a burst */
export function burstWatch(initial: number): (count: number) => boolean {
  let settled = initial;
  let before = initial;
  return (count) => {
    const isQuiet = Math.abs(count - before) < QUIET_CONNECTIONS;
    before = count;
    if (!isQuiet || Math.abs(count - settled) < BURST_CONNECTIONS) return false;
    settled = count;
    return true;
  };
}
