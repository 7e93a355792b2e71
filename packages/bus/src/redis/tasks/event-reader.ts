import { type Cursor, compareCursors, START_CURSOR, type TaskEvent } from '@booner/protocol';
import { EVENTS_KEY } from '@booner/protocol/redis-names';
import type { Redis } from 'ioredis';
import { MAX_WAIT_MS } from '../../limits.ts';
import { accept, type OnRejected } from '../../stored-values.ts';
import { rethrow } from '../connection/client.ts';
import { readStreamInfo } from './stream-info.ts';
import { readEventFields } from './task-fields.ts';

type Entry = readonly [id: string, fields: readonly string[]];

/** Reads events without waiting for them. All methods reject with BusError. */
export function createEventReader(redis: Redis, onRejected: OnRejected) {
  return {
    /** The events that came after a position. */
    read: async (after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'> => {
      const [entries, valid] = await readChecked(redis, after, () =>
        redis.xrange(EVENTS_KEY, `(${after}`, '+', 'COUNT', max),
      );
      return valid ? parseEntries(entries, onRejected) : 'trimmed';
    },
    /** Position of the newest event. */
    readLastCursor: async (): Promise<Cursor> =>
      (await readStreamInfo(redis, EVENTS_KEY))?.lastId ?? START_CURSOR,
  };
}

/**
 * Follows the events on a connection of its own, which blocks. A position that the previous call
 * returned is known to be in the stream. Any other is looked up first, since a wait for what comes
 * after it could last long.
 */
export function createEventFollower(redis: Redis, onRejected: OnRejected) {
  /** The newest event returned on this connection. */
  let seen: Cursor | null = null;

  const next = async (after: Cursor, max: number): Promise<readonly TaskEvent[] | 'trimmed'> => {
    if (after !== seen && !(await isValid(redis, after))) return 'trimmed';
    const endMs = performance.now() + MAX_WAIT_MS;
    // Skips entries that cannot be parsed: a caller gets no position from them, and would read
    // them again and again.
    for (let position = after; ; ) {
      const waitMs = Math.max(1, Math.ceil(endMs - performance.now()));
      const [entries, valid] = await readChecked(redis, position, async () => {
        const found = await redis.xread('COUNT', max, 'BLOCK', waitMs, 'STREAMS', EVENTS_KEY, position);
        return (found as [key: string, Entry[]][] | null)?.[0]?.[1] ?? [];
      });
      if (!valid) return 'trimmed';
      const events = parseEntries(entries, onRejected);
      seen = events.at(-1)?.cursor ?? seen;
      if (events.length > 0 || entries.length === 0) return events;
      position = entries.at(-1)?.[0] as Cursor;
    }
  };
  return { next };
}

/**
 * Reads what comes after a position, then checks that the position is still in the stream. Redis
 * trims from the oldest, so if it is, nothing in between was missing. Both commands are sent at
 * once.
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

/**
 * Returns true if a position without an entry is an end of the stream: nothing after it is missing.
 */
async function isEnd(redis: Redis, cursor: Cursor, nothingAfter: boolean): Promise<boolean> {
  const info = await readStreamInfo(redis, EVENTS_KEY);
  if (cursor === START_CURSOR && (info === null || info.whole)) return true;
  return nothingAfter && info?.lastId != null && compareCursors(info.lastId, cursor) === 0;
}

const parseEntries = (entries: readonly Entry[], onRejected: OnRejected): TaskEvent[] =>
  entries.flatMap(([id, fields]) => accept(readEventFields(id as Cursor, fields), onRejected) ?? []);
