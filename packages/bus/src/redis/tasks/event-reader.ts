import { type Cursor, compareCursors, START_CURSOR, type TaskEvent } from '@booner/protocol';
import { EVENTS_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { rethrow } from '../connection/client.ts';
import { readStreamInfo } from './stream-info.ts';
import { readEventFields } from './task-fields.ts';
import type { OnRejected } from './task-reader.ts';

/** How long a reader waits for the first event. */
const BLOCK_MS = 5000;

type Entry = readonly [id: string, fields: readonly string[]];

/** The events after a position that are there. Rejects with BusError. */
export async function readEvents(
  redis: Redis,
  after: Cursor,
  max: number,
  onRejected: OnRejected,
): Promise<readonly TaskEvent[] | 'trimmed'> {
  const [entries, valid] = await readChecked(redis, after, () =>
    redis.xrange(EVENTS_KEY, `(${after}`, '+', 'COUNT', max),
  );
  return valid ? decode(entries, onRejected) : 'trimmed';
}

/** Position of the newest event. Rejects with BusError. */
export async function readLastCursor(redis: Redis): Promise<Cursor> {
  return (await readStreamInfo(redis, EVENTS_KEY))?.lastId ?? START_CURSOR;
}

/**
 * Follows the events on a connection of its own, which blocks. A position that was returned by the call before is known to
 * have been in the stream; any other is looked for first, since a wait for what comes after it could last long.
 */
export function createEventFollower(redis: Redis, onRejected: OnRejected) {
  /** The newest entry seen on this connection, whether or not it could be read. */
  let seen: Cursor | null = null;

  const next = async (after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'> => {
    if (after !== seen && !(await isValid(redis, after))) return 'trimmed';
    const endMs = performance.now() + BLOCK_MS;
    // Round by round past entries that cannot be read, so that a caller who knows none of them does not turn in circles.
    for (let position = after; ; ) {
      const waitMs = Math.max(1, Math.ceil(endMs - performance.now()));
      const [entries, valid] = await readChecked(redis, position, async () => {
        const found = await redis.xread('COUNT', max, 'BLOCK', waitMs, 'STREAMS', EVENTS_KEY, position);
        return (found as [key: string, Entry[]][] | null)?.[0]?.[1] ?? [];
      });
      if (!valid) return 'trimmed';
      const events = decode(entries, onRejected);
      seen = events.at(-1)?.cursor ?? seen;
      if (events.length > 0 || entries.length === 0) return events;
      position = entries.at(-1)?.[0] as Cursor;
    }
  };
  return { next };
}

/**
 * Reads what comes after a position, and then looks whether the position is in the stream still: Redis trims from the oldest, so
 * nothing between the two was missing when it was read. Both are sent at once.
 */
async function readChecked(
  redis: Redis,
  after: Cursor,
  read: () => Promise<readonly Entry[]>,
): Promise<[entries: readonly Entry[], valid: boolean]> {
  const reading = read();
  const [entries, found] = await Promise.all([reading, redis.xrange(EVENTS_KEY, after, after)]).catch(
    rethrow,
  );
  return [entries, found.length > 0 || (await isEnd(redis, after, entries.length === 0))];
}

async function isValid(redis: Redis, cursor: Cursor): Promise<boolean> {
  const found = await redis.xrange(EVENTS_KEY, cursor, cursor).catch(rethrow);
  return found.length > 0 || isEnd(redis, cursor, true);
}

/** Whether a position that names no entry is one of the ends of the stream, so that nothing after it is missing. */
async function isEnd(redis: Redis, cursor: Cursor, nothingAfter: boolean): Promise<boolean> {
  const info = await readStreamInfo(redis, EVENTS_KEY);
  if (cursor === START_CURSOR && (info === null || info.whole)) return true;
  return nothingAfter && info?.lastId != null && compareCursors(info.lastId, cursor) === 0;
}

function decode(entries: readonly Entry[], onRejected: OnRejected): TaskEvent[] {
  return entries.flatMap(([id, fields]) => {
    const reading = readEventFields(id as Cursor, fields);
    if (!reading.ok) onRejected(reading.rejection);
    return reading.ok ? [reading.value] : [];
  });
}
