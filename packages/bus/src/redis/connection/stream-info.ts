import { type Cursor, parseCursor } from '@booner/protocol';
import type { Redis } from 'ioredis';
import { replyOf, rethrow } from './client.ts';

type StreamInfo = {
  /** Id of the newest entry, even if it has been deleted. */
  readonly lastId: Cursor | null;
  /** True if every entry that was ever added is still there. */
  readonly whole: boolean;
};

/** Returns the state of a stream; `null` if there is none. Rejects with BusError. */
export async function readStreamInfo(redis: Redis, key: string): Promise<StreamInfo | null> {
  const flat = (await redis.xinfo('STREAM', key).catch((error: unknown) => {
    if (replyOf(error) === 'ERR') return null; // XINFO STREAM has no other such error than a missing key
    return rethrow(error);
  })) as unknown[] | null;
  if (flat === null) return null;
  const fieldOf = (name: string) => flat[flat.indexOf(name) + 1];
  return {
    lastId: parseCursor(String(fieldOf('last-generated-id'))),
    whole: fieldOf('entries-added') === fieldOf('length'),
  };
}
