import type { Redis } from 'ioredis';
import { bytesText, percentText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok, skip, warn } from './check.ts';

const INFO_NOT_ALLOWED =
  'this user may not run INFO; use one that may, such as `admin`, with --redis-url, --redis-username and --redis-password-file';

type Info = ReadonlyMap<string, string> | null;

/** Returns the fields of INFO, or `null` if not permitted, as for the users of hubs and hosts. */
export async function readInfo(redis: Redis): Promise<Info> {
  try {
    const text = await redis.info();
    const entries = text.split(/\r?\n/).map((line) => line.split(':', 2));
    return new Map(entries.filter((entry): entry is [string, string] => entry.length === 2));
  } catch {
    return null;
  }
}

export function checkPersistence(info: Info): CheckResult {
  if (info === null) return skip(INFO_NOT_ALLOWED);
  if (info.get('aof_enabled') !== '1') {
    return warn(
      'Redis has no append-only file: a restart loses tasks, tokens and users',
      'run `redis-cli CONFIG SET appendonly yes` and `redis-cli CONFIG REWRITE`, or set `appendonly yes` in redis.conf',
    );
  }
  if (info.get('aof_last_write_status') === 'err') {
    return fail(
      'Redis cannot write its append-only file',
      'the disk is full or fails: run `df -h /var/lib/redis`',
    );
  }
  return ok('Redis has an append-only file');
}

export function checkMemory(info: Info): CheckResult {
  if (info === null) return skip(INFO_NOT_ALLOWED);
  const max = Number(info.get('maxmemory') ?? 0);
  const used = Number(info.get('used_memory') ?? 0);
  const policy = safeText(info.get('maxmemory_policy') ?? 'unknown');
  const hint = 'run `redis-cli CONFIG SET maxmemory-policy noeviction` and `redis-cli CONFIG REWRITE`';
  if (policy !== 'noeviction') {
    const detail = `Redis evicts data when its memory is full (maxmemory-policy ${policy})`;
    return max > 0 ? fail(detail, hint) : warn(`${detail}; no limit is set`, hint);
  }
  if (max > 0 && used / max >= 0.9) {
    const detail = `Redis uses ${percentText(used / max)} of its ${bytesText(max)}; when it is full, no tasks can be created`;
    return used >= max
      ? fail(detail, 'raise `maxmemory`, then run `redis-cli CONFIG REWRITE`')
      : warn(detail, 'raise `maxmemory`');
  }
  return ok(`Redis never evicts data; it uses ${bytesText(used)}${max > 0 ? ` of ${bytesText(max)}` : ''}`);
}
