import { type HostId, MIN_INTERVAL_MS } from '@booner/protocol';
import { MAX_VALUE_BYTES } from '../../stored-values.ts';

/**
 * Bytes a second that a channel may carry: the largest sample at the shortest interval, twice, as
 * two agents may claim one host for a while. A usual host sends a few KiB every 3 s.
 */
const ALLOWED_BYTES_PER_SECOND = (2 * MAX_VALUE_BYTES * 1000) / MIN_INTERVAL_MS;
/** A message counts as at least this much, which takes about as long to parse. */
const MIN_MESSAGE_BYTES = 4096;
/** Bytes that are parsed at once: about 20 ms of work at most. */
const MAX_PARSED_BYTES = 4 * MAX_VALUE_BYTES;
/**
 * Excess that makes a flood. No honest host reaches it: it is the most that Redis holds back for a
 * hub that does not read (`client-output-buffer-limit pubsub 32mb`), of all hosts together.
 */
const FLOOD_BYTES = 32 * 2 ** 20;
/** The bound in words, for the reason of a quarantine. */
export const FLOOD_TEXT = `${FLOOD_BYTES / 2 ** 20} MiB over ${ALLOWED_BYTES_PER_SECOND / 2 ** 20} MiB a second`;
/** Channels that are measured; beyond it, the one measured for longest starts anew. */
const MAX_CHANNELS = 20_000;

/** Excess of a channel over what it may carry, as of `atMs`. */
type Level = { parsedBytes: number; receivedBytes: number; atMs: number };

/**
 * - `parse`: the message may be parsed
 * - `excess`: the channel carries too much; the message must be dropped unread
 * - `flood`: it has done so for longer than any agent could
 */
export type Verdict = 'parse' | 'excess' | 'flood';

/**
 * Measures what the channels of hosts carry: a leaky bucket each, so that neither a pause of the
 * hub nor a burst after it looks like a flood. Times are monotonic milliseconds.
 */
export function createChannelMeter() {
  const levels = new Map<HostId, Level>();

  const drain = (level: Level, nowMs: number) => {
    const drainedBytes = ((nowMs - level.atMs) * ALLOWED_BYTES_PER_SECOND) / 1000;
    level.parsedBytes = Math.max(0, level.parsedBytes - drainedBytes);
    level.receivedBytes = Math.max(0, level.receivedBytes - drainedBytes);
    level.atMs = nowMs;
  };
  const levelOf = (host: HostId, nowMs: number): Level => {
    let level = levels.get(host);
    if (level === undefined) {
      const [oldest] = levels.keys();
      if (oldest !== undefined && levels.size >= MAX_CHANNELS) levels.delete(oldest);
      level = { parsedBytes: 0, receivedBytes: 0, atMs: nowMs };
      levels.set(host, level);
    }
    drain(level, nowMs);
    return level;
  };

  return {
    /** Counts a message. */
    count: (host: HostId, bytes: number, nowMs: number): Verdict => {
      const level = levelOf(host, nowMs);
      const countedBytes = Math.max(bytes, MIN_MESSAGE_BYTES);
      level.receivedBytes = Math.min(level.receivedBytes + countedBytes, 2 * FLOOD_BYTES);
      if (level.receivedBytes > FLOOD_BYTES) return 'flood';
      if (level.parsedBytes > MAX_PARSED_BYTES) return 'excess';
      if (bytes <= MAX_VALUE_BYTES) level.parsedBytes += countedBytes; // else it is not parsed
      return 'parse';
    },
    /** Forgets the excess of a host, to start anew. */
    forget: (host: HostId): void => void levels.delete(host),
  };
}
