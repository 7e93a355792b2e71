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
    const why = reason ?? (error instanceof Error ? error.message : String(error));
    return judge(safeText(why), who, from, redis.options.tls !== undefined);
  } finally {
    redis.off('error', onError);
  }
}

function judge(reason: string, who: string, from: string, isTls: boolean): Said {
  if (/WRONGPASS|invalid password/i.test(reason)) {
    return fail(
      `Redis does not take the password of ${who}: it is wrong, or the user is gone`,
      mendPassword(from),
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
  if (!isTls && /ECONNRESET|EPIPE|closed/i.test(reason)) {
    return fail(
      `Redis closes the connection without a word (${reason}): perhaps it wants TLS`,
      `rediss:// and REDIS_CA_FILE in ${from}; on a host, \`booner target add HOST --replace\` and its line bring both`,
    );
  }
  return fail(
    `Redis does not let ${who} in (${reason})`,
    'is it Redis that listens there? `redis-cli -h HOST -p PORT ping`',
  );
}

/** What gives a daemon of this machine, or whoever named Redis, a password that is right. */
function mendPassword(from: string): string {
  const role = /\/(hub|agent|runner)\.env$/.exec(from)?.[1];
  if (role === undefined) return `the user and the password file that were given with ${from}`;
  if (role !== 'hub')
    return '`booner target add HOST --replace` prints a line, which gives this host a new one';
  const file = '/etc/booner/credentials/redis-hub-password';
  return `the right one into ${file}, then \`sudo systemctl restart booner-hub\`; or tell Redis that this is it: in redis-cli \`ACL SETUSER booner-hub resetpass #SHA256\` (docs/redis.md, step 1 prints it)`;
}
