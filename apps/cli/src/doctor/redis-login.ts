import type { Redis } from 'ioredis';
import { safeText } from '../terminal/safe-text.ts';
import { fail, ok, type Said } from './check.ts';

/** Whether Redis lets this user in. Connects; the connection stays. */
export async function checkLogin(redis: Redis, user: string | null, from: string): Promise<Said> {
  const who = user === null ? 'the default user' : `the user ${user}`;
  let reason: string | null = null;
  const onError = (error: Error) => {
    reason ??= error.message;
  };
  redis.on('error', onError);
  try {
    await redis.connect();
    await redis.ping();
    return ok(`Redis lets ${who} in`);
  } catch (error) {
    return judge(safeText(reason ?? (error instanceof Error ? error.message : String(error))), who, from);
  } finally {
    redis.off('error', onError);
  }
}

function judge(reason: string, who: string, from: string): Said {
  if (/WRONGPASS|invalid password/i.test(reason)) {
    return fail(
      `Redis does not take the password of ${who}: it is wrong, or the user is gone`,
      `the password of ${from}; for a host \`booner target add HOST\` and its line make a new one, for the hub \`ACL SETUSER\` in redis-cli (docs/redis.md)`,
    );
  }
  if (/NOAUTH|Authentication required/i.test(reason)) {
    return fail(
      'Redis wants a password, and none was given',
      'REDIS_USERNAME and REDIS_PASSWORD_FILE, or --redis-username and --redis-password-file',
    );
  }
  if (/without any password configured/i.test(reason)) {
    return fail(
      'a password was given, and this Redis has none',
      'leave the password out, or set users up at Redis (docs/redis.md)',
    );
  }
  if (/NOPERM/.test(reason))
    return fail(
      `${who} may not even ping Redis (NOPERM)`,
      'its ACL line lacks +ping: docs/redis.md has the right ones',
    );
  if (/DENIED/.test(reason)) {
    return fail(
      'Redis is in protected mode, for its own machine alone',
      'users with passwords at Redis (docs/redis.md), then `CONFIG SET protected-mode no`',
    );
  }
  if (/LOADING/.test(reason))
    return fail('Redis is still loading its data', 'wait; `redis-cli info persistence` shows how long');
  if (/MASTERDOWN|All sentinels|sentinel/i.test(reason)) {
    return fail(
      `the Sentinels know no master (${reason})`,
      '`redis-cli -p 26379 sentinel masters` shows what they see',
    );
  }
  return fail(
    `Redis does not let ${who} in (${reason})`,
    'is it Redis that listens there? `redis-cli -h HOST -p PORT ping`',
  );
}
