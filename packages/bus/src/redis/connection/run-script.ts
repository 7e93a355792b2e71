import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import { BusError } from '../../bus-error.ts';
import { replyOf, rethrow } from './client.ts';
import { CLOSED } from './failure-text.ts';

/** A Lua script, and the hash that Redis knows it by. */
export type Script = { readonly lua: string; readonly sha1: string };

/**
 * Joins the parts of a script. The first line makes Redis 7 decide before the script runs: at
 * `maxmemory`, on a replica and after a disk failure the script is refused as a whole. Without that
 * line the refusal could come between two of its writes.
 * @param flags `allow-oom` for a script that only frees memory
 */
export function defineScript(parts: readonly string[], flags = ''): Script {
  const lua = [`#!lua${flags === '' ? '' : ` flags=${flags}`}`, ...parts].join('\n');
  return { lua, sha1: createHash('sha1').update(lua).digest('hex') };
}

/** Runs a script. Sends its text only if Redis does not know it. Rejects with BusError. */
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

/**
 * {@link runScript} without automatic pipelining, which would wait for another turn of the event
 * loop.
 */
export async function runScriptAtOnce(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  const replies = await redis
    .pipeline()
    .evalsha(script.sha1, keys.length, ...keys, ...args)
    .exec()
    .catch(rethrow);
  const [error, reply] = replies?.[0] ?? [new BusError('disconnected', CLOSED)];
  if (error === null) return reply;
  return replyOf(error) === 'NOSCRIPT' ? runScript(redis, script, keys, args) : rethrow(error);
}

/** {@link runScript} for a script that reads only. Texts of its reply are Buffers. */
export async function runReadScript(
  redis: Redis,
  { lua, sha1 }: Script,
  keys: readonly string[],
  args: readonly (string | number)[],
): Promise<unknown> {
  try {
    return await redis.callBuffer('EVALSHA_RO', sha1, keys.length, ...keys, ...args);
  } catch (error) {
    if (replyOf(error) !== 'NOSCRIPT') return rethrow(error);
  }
  return redis.callBuffer('EVAL_RO', lua, keys.length, ...keys, ...args).catch(rethrow);
}
