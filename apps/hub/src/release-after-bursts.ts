import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';

/** Change since the last release of memory. A smaller one is not worth the pause. */
const BURST_CONNECTIONS = 200;
/** Change since the previous check. With a larger one the burst is not over. */
const QUIET_CONNECTIONS = 20;
/** With a larger heap, the pause would be too long. */
const LARGEST_HEAP_BYTES = 64 * 2 ** 20;

export type ReleaseAfterBurstsDeps = {
  /** Interval of the status stream, which starts now. */
  readonly intervalMs: number;
  readonly connections: () => number;
  readonly log: Logger;
};

/**
 * Releases the memory that a burst of connections left behind (requests, handshakes, buffers) once
 * they have settled, until the signal aborts: 9 of 108 MiB after 1,000 clients. It takes some
 * 100 ms, so it runs well before the next broadcast.
 */
export function releaseAfterBursts(
  { intervalMs, connections, log }: ReleaseAfterBurstsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const isOver = burstWatch(connections());
  const check = () => {
    if (isOver(connections()) && process.memoryUsage().heapUsed <= LARGEST_HEAP_BYTES) releaseMemory();
  };
  const failures = createFailureLog(log, {
    failing: 'memory could not be released',
    recovered: 'memory can be released again',
  });
  return runLoop({ run: check, intervalMs, phaseMs: intervalMs / 6, failures }, { signal });
}

/**
 * Detects bursts of connections. Call the returned function at an interval: it returns true once
 * per burst, when it is over.
 */
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
