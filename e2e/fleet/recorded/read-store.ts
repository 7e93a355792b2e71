import type { Redis } from 'ioredis';
import type { Fields, StoredKey } from './recording.ts';

/** Reads every key whose name a pattern matches. */
export async function readStore(redis: Redis, pattern: string): Promise<Record<string, StoredKey>> {
  const stored: Record<string, StoredKey> = {};
  for (const key of (await redis.keys(pattern)).sort()) stored[key] = await readKey(redis, key);
  return stored;
}

/**
 * Writes what {@link readStore} read, with all times shifted: instants in names ending in `AtMs`,
 * scores, and ids of streams.
 */
export async function writeStore(
  redis: Redis,
  stored: Readonly<Record<string, StoredKey>>,
  byMs: number,
): Promise<void> {
  const laterId = (id: string) => id.replace(/^\d+/, (ms) => `${Number(ms) + byMs}`);
  const later = (fields: Fields) =>
    Object.entries(fields).flatMap(([name, text]) => [
      name,
      name.endsWith('AtMs') && text !== '' ? `${Number(text) + byMs}` : text,
    ]);
  for (const [key, { type, value }] of Object.entries(stored)) {
    if (type === 'string') await redis.set(key, value);
    if (type === 'hash') await redis.hset(key, later(value));
    if (type === 'set') await redis.sadd(key, ...value);
    if (type === 'zset') {
      await redis.zadd(key, ...Object.entries(value).flatMap(([member, score]) => [score + byMs, member]));
    }
    if (type === 'stream') {
      for (const [id, fields] of value) await redis.xadd(key, laterId(id), ...later(fields));
    }
  }
}

async function readKey(redis: Redis, key: string): Promise<StoredKey> {
  const type = await redis.type(key);
  switch (type) {
    case 'string':
      return { type, value: (await redis.get(key)) ?? '' };
    case 'hash':
      return { type, value: await redis.hgetall(key) };
    case 'set':
      return { type, value: (await redis.smembers(key)).sort() };
    case 'zset': {
      const flat = await redis.zrange(key, '0', '-1', 'WITHSCORES');
      return { type, value: mapNumbers(fieldsOf(flat)) };
    }
    case 'stream':
      return {
        type,
        value: (await redis.xrange(key, '-', '+')).map(([id, flat]) => [id, fieldsOf(flat)] as const),
      };
    default:
      throw new Error(`${key} is of type ${type}, which nothing reads`);
  }
}

export function fieldsOf(flat: readonly string[]): Fields {
  const fields: Record<string, string> = {};
  for (let at = 0; at + 1 < flat.length; at += 2) fields[flat[at]!] = flat[at + 1]!;
  return fields;
}

const mapNumbers = (fields: Fields): Record<string, number> =>
  Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, Number(text)]));
