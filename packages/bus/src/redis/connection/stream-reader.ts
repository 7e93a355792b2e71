import { type Cursor, compareCursors, START_CURSOR } from '@booner/protocol';
import type { Redis } from 'ioredis';
import { MAX_WAIT_MS } from '../../limits.ts';
import { rethrow } from './client.ts';
import { readStreamInfo } from './stream-info.ts';

type Entry = readonly [id: string, fields: readonly string[]];

/** A stream that hubs append to, and how its entries are parsed. */
export type StreamSource<T> = {
  readonly key: string;
  /** Returns `null`, after reporting why, for an entry that is left out. */
  readonly parse: (id: Cursor, fields: readonly string[]) => T | null;
};

/** Reads a stream without waiting for entries. All methods reject with BusError. */
export function createStreamReader<T>(redis: Redis, { key, parse }: StreamSource<T>) {
  return {
    /** The entries that came after a position. */
    read: async (after: Cursor, max: number): Promise<readonly T[] | 'trimmed'> => {
      const [entries, valid] = await readChecked(redis, key, after, () =>
        redis.xrange(key, `(${after}`, '+', 'COUNT', max),
      );
      return valid ? parseEntries(entries, parse) : 'trimmed';
    },
    /** Position of the newest entry. */
    readLastCursor: async (): Promise<Cursor> => (await readStreamInfo(redis, key))?.lastId ?? START_CURSOR,
  };
}

/**
 * Follows a stream on a connection of its own, which blocks. A position that the previous call
 * returned is known to be in the stream. Any other is looked up first, since a wait for what comes
 * after it could last long.
 */
export function createStreamFollower<T extends { readonly cursor: Cursor }>(
  redis: Redis,
  { key, parse }: StreamSource<T>,
) {
  /** The newest entry returned on this connection. */
  let seen: Cursor | null = null;

  const next = async (after: Cursor, max: number): Promise<readonly T[] | 'trimmed'> => {
    if (after !== seen && !(await isValid(redis, key, after))) return 'trimmed';
    const endMs = performance.now() + MAX_WAIT_MS;
    // Skips entries that cannot be parsed: a caller gets no position from them, and would read
    // them again and again.
    for (let position = after; ; ) {
      const waitMs = Math.max(1, Math.ceil(endMs - performance.now()));
      const [entries, valid] = await readChecked(redis, key, position, async () => {
        const found = await redis.xread('COUNT', max, 'BLOCK', waitMs, 'STREAMS', key, position);
        return (found as [key: string, Entry[]][] | null)?.[0]?.[1] ?? [];
      });
      if (!valid) return 'trimmed';
      const parsed = parseEntries(entries, parse);
      seen = parsed.at(-1)?.cursor ?? seen;
      if (parsed.length > 0 || entries.length === 0) return parsed;
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
  key: string,
  after: Cursor,
  read: () => Promise<readonly Entry[]>,
): Promise<[entries: readonly Entry[], valid: boolean]> {
  const reading = read();
  const [entries, found] = await Promise.all([reading, redis.xrange(key, after, after)]).catch(rethrow);
  return [entries, found.length > 0 || (await isEnd(redis, key, after, entries.length === 0))];
}

async function isValid(redis: Redis, key: string, cursor: Cursor): Promise<boolean> {
  const found = await redis.xrange(key, cursor, cursor).catch(rethrow);
  return found.length > 0 || isEnd(redis, key, cursor, true);
}

/**
 * Returns true if a position without an entry is an end of the stream: nothing after it is missing.
 */
async function isEnd(redis: Redis, key: string, cursor: Cursor, nothingAfter: boolean): Promise<boolean> {
  const info = await readStreamInfo(redis, key);
  if (cursor === START_CURSOR && (info === null || info.whole)) return true;
  return nothingAfter && info?.lastId != null && compareCursors(info.lastId, cursor) === 0;
}

const parseEntries = <T>(entries: readonly Entry[], parse: StreamSource<T>['parse']): T[] =>
  entries.map(([id, fields]) => parse(id as Cursor, fields)).filter((parsed) => parsed !== null);
