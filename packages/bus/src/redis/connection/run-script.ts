import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { replyOf, rethrow } from './client.ts';

/** A Lua script, and the name that Redis keeps it under. */
export type Script = { readonly lua: string; readonly sha1: string };

/**
 * A script of several parts. Its first line makes Redis 7 judge it before it runs: at `maxmemory`, on a replica, and when the disk
 * fails, it is refused as a whole; without that line such a refusal could come between two of its writes.
 * @param flags `allow-oom` for a script that only frees memory
 */
export function defineScript(parts: readonly string[], flags = ''): Script {
  const lua = [`#!lua${flags === '' ? '' : ` flags=${flags}`}`, ...parts].join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script; its text is sent only when Redis does not have it. Rejects with BusError. */
export async function runScript(
  redis: Redis,
  { lua, sha1 }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.evalsha(sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (replyOf(error) !== 'NOSCRIPT') return rethrow(error);
  }
  return redis.eval(lua, keys.length, ...keys, ...args).catch(rethrow);
}
