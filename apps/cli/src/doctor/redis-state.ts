import type { Redis } from 'ioredis';
import { bytesText, percentText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { fail, ok, type Said, skip, warn } from './check.ts';

/** Of ACL selectors, and of what XINFO STREAM says about trimmed entries. */
const LEAST_VERSION = [7, 0] as const;
const MAY_NOT_ASK =
  'this user may not ask (INFO); one that may, such as `admin`: --redis-url, --redis-username, --redis-password-file';

type Info = ReadonlyMap<string, string> | null;

/** What INFO says; `null` when this user may not ask, as those of hubs and hosts may not. */
export async function readInfo(redis: Redis): Promise<Info> {
  try {
    const text = await redis.info();
    const entries = text.split(/\r?\n/).map((line) => line.split(':', 2));
    return new Map(entries.filter((entry): entry is [string, string] => entry.length === 2));
  } catch {
    return null;
  }
}

export async function checkVersion(redis: Redis, info: Info): Promise<Said> {
  const version = info?.get('redis_version') ?? (await helloVersion(redis));
  if (version === null) return skip('Redis does not say its version to this user');
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < LEAST_VERSION[0] || (major === LEAST_VERSION[0] && minor < LEAST_VERSION[1]);
  if (isOld)
    return fail(
      `Redis ${safeText(version)} is too old`,
      `Redis ${LEAST_VERSION.join('.')} or newer: \`apt-get install redis-server\``,
    );
  return ok(`Redis ${safeText(version)}`);
}

/** HELLO is for everybody: it is how one says who one is. */
async function helloVersion(redis: Redis): Promise<string | null> {
  const answer: unknown = await redis.call('HELLO').catch(() => null);
  const flat = Array.isArray(answer) ? answer : Object.entries(answer ?? {}).flat();
  const at = flat.indexOf('version');
  return at === -1 ? null : String(flat[at + 1]);
}

export function checkPersistence(info: Info): Said {
  if (info === null) return skip(MAY_NOT_ASK);
  if (info.get('aof_enabled') !== '1') {
    return warn(
      'Redis has no append-only file: tasks, tokens and users are lost when it restarts',
      '`redis-cli CONFIG SET appendonly yes` and `redis-cli CONFIG REWRITE`, or `appendonly yes` in redis.conf',
    );
  }
  if (info.get('aof_last_write_status') === 'err') {
    return fail(
      'Redis cannot write its append-only file',
      '`df -h /var/lib/redis`: the disk is full, or fails',
    );
  }
  return ok('Redis keeps an append-only file');
}

export function checkMemory(info: Info): Said {
  if (info === null) return skip(MAY_NOT_ASK);
  const max = Number(info.get('maxmemory') ?? 0);
  const used = Number(info.get('used_memory') ?? 0);
  const policy = safeText(info.get('maxmemory_policy') ?? 'unknown');
  const mend = '`redis-cli CONFIG SET maxmemory-policy noeviction` and `redis-cli CONFIG REWRITE`';
  if (policy !== 'noeviction') {
    const detail = `Redis throws data away when its memory is full (maxmemory-policy ${policy})`;
    return max > 0 ? fail(detail, mend) : warn(`${detail}; it has no limit now`, mend);
  }
  if (max > 0 && used / max >= 0.9) {
    const detail = `Redis uses ${percentText(used / max)} of its ${bytesText(max)}; when it is full no task can be made`;
    return used >= max
      ? fail(detail, 'raise `maxmemory`, then `redis-cli CONFIG REWRITE`')
      : warn(detail, 'raise `maxmemory`');
  }
  return ok(
    `Redis throws nothing away, and uses ${bytesText(used)}${max > 0 ? ` of ${bytesText(max)}` : ''}`,
  );
}
