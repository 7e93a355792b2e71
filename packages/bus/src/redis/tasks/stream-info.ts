import { type Cursor, parseCursor } from '@booner/protocol';
import type { Redis } from 'ioredis';
import { isReply, rethrow } from '../connection/client.ts';

type StreamInfo = {
  /** Of the newest entry, also when it was deleted since. */
  readonly lastId: Cursor | null;
  /** Whether every entry that was ever added is still there. */
  readonly whole: boolean;
};

/** What Redis knows of a stream; `null` when there is none. Rejects with BusError. */
export async function readStreamInfo(redis: Redis, key: string): Promise<StreamInfo | null> {
  const flat = (await redis.xinfo('STREAM', key).catch((error: unknown) => {
    if (isReply(error) && error.message.startsWith('ERR no such key')) return null;
    return rethrow(error);
  })) as unknown[] | null;
  if (flat === null) return null;
  const fieldOf = (name: string) => flat[flat.indexOf(name) + 1];
  return {
    lastId: parseCursor(String(fieldOf('last-generated-id'))),
    whole: fieldOf('entries-added') === fieldOf('length'),
  };
}
