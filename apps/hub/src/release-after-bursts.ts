import { createFailureLog, type Logger, runLoop } from '@booner/service';
import { releaseMemory } from '@booner/service/release-memory';

/** Change since the last release of memory. A smaller one is not worth the pause. */
const BURST_CONNECTIONS = 200;
/** Change since the previous check. With a larger one the burst is not over. */
const QUIET_CONNECTIONS = 20;
/** By then the first samples and the inventory have run all the code. */
const START_MS = 10_000;
/** With a larger heap, the pause would be too long. */
const LARGEST_HEAP_BYTES = 64 * 2 ** 20;

export type ReleaseAfterBurstsDeps = {
  /** Interval of the status stream, which starts now. */
  readonly intervalMs: number;
  readonly connections: () => number;
  readonly log: Logger;
};

/**
 * Releases the memory that the start of the hub left behind, and that of each burst of connections
 * (requests, handshakes, buffers) once they have settled, until the signal aborts: 17 of 68 MiB
 * after a start, 9 of 108 MiB after 1,000 clients. It takes some 100 ms, so it runs well before the
 * next broadcast.
 */
export function releaseAfterBursts(
  { intervalMs, connections, log }: ReleaseAfterBurstsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const isOver = burstWatch();
  const check = () => {
    if (isOver(connections()) && process.memoryUsage().heapUsed <= LARGEST_HEAP_BYTES) releaseMemory();
  };
  const failures = createFailureLog(log, {
    failing: 'memory could not be released',
    recovered: 'memory can be released again',
  });
  const phaseMs = (Math.ceil(START_MS / intervalMs) + 1 / 6) * intervalMs;
  return runLoop({ run: check, intervalMs, phaseMs, failures }, { signal });
}

/**
 * Detects bursts of connections, of which the start is one. Call the returned function at an
 * interval: it returns true once per burst, when it is over.
 */
export function burstWatch(): (count: number) => boolean {
  let settled = Number.NEGATIVE_INFINITY;
  let before = 0;
  return (count) => {
    const isQuiet = Math.abs(count - before) < QUIET_CONNECTIONS;
    before = count;
    if (!isQuiet || Math.abs(count - settled) < BURST_CONNECTIONS) return false;
    settled = count;
    return true;
  };
}
