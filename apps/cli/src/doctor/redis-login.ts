import type { Redis } from 'ioredis';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok } from './check.ts';

/** Checks that Redis accepts this user. Leaves the connection open. */
export async function checkLogin(redis: Redis, user: string | null, from: string): Promise<CheckResult> {
  const userText = user === null ? 'the default user' : `the user ${user}`;
  let reason: string | null = null;
  const onError = (error: Error) => {
    reason ??= error.message;
  };
  redis.on('error', onError);
  try {
    await redis.connect();
    await redis.ping();
    return ok(`Redis accepts ${userText}`);
  } catch (error) {
    const message = reason ?? (error instanceof Error ? error.message : String(error));
    return describeRefusal(safeText(message), userText, from, redis.options.tls !== undefined);
  } finally {
    redis.off('error', onError);
  }
}

function describeRefusal(reason: string, userText: string, from: string, isTls: boolean): CheckResult {
  if (/WRONGPASS|invalid password/i.test(reason)) {
    return fail(
      `Redis rejects the password of ${userText}: it is wrong, or the user does not exist`,
      hintForPassword(from),
    );
  }
  if (/NOAUTH|Authentication required/i.test(reason)) {
    return fail(
      'Redis requires a password, but none was given',
      'set REDIS_USERNAME and REDIS_PASSWORD_FILE, or pass --redis-username and --redis-password-file',
    );
  }
  if (/without any password configured/i.test(reason)) {
    return fail(
      'a password was given, but this Redis has none',
      'remove the password, or set up users in Redis (docs/redis.md)',
    );
  }
  if (/NOPERM/.test(reason))
    return fail(
      `${userText} is not even permitted to ping Redis (NOPERM)`,
      'its ACL lacks +ping: compare it with docs/redis.md',
    );
  if (/DENIED/.test(reason)) {
    return fail(
      'Redis is in protected mode and accepts only local connections',
      'set up users with passwords in Redis (docs/redis.md), then run `redis-cli CONFIG SET protected-mode no`',
    );
  }
  if (/LOADING/.test(reason))
    return fail('Redis is still loading its data', 'wait; `redis-cli info persistence` shows the progress');
  if (/MASTERDOWN|All sentinels|sentinel/i.test(reason)) {
    return fail(
      `the Sentinels report no master (${reason})`,
      'run `redis-cli -p 26379 sentinel masters` to see their view',
    );
  }
  if (!isTls && /ECONNRESET|EPIPE|closed/i.test(reason)) {
    return fail(
      `Redis closes the connection without an error (${reason}): it may require TLS`,
      `use rediss:// and REDIS_CA_FILE in ${from}; on a host, run the command that \`booner target add HOST --replace\` prints`,
    );
  }
  return fail(
    `Redis does not accept ${userText} (${reason})`,
    'check that it is Redis: `redis-cli -h HOST -p PORT ping`',
  );
}

/** Returns how to correct the password, by where the settings come from. */
function hintForPassword(from: string): string {
  const role = /\/(hub|agent|runner)\.env$/.exec(from)?.[1];
  if (role === undefined) return `check the user and the password file given with ${from}`;
  if (role !== 'hub')
    return 'run the command that `booner target add HOST --replace` prints: it sets a new password';
  const file = '/etc/booner/credentials/redis-hub-password';
  return `write the right password to ${file}, then run \`sudo systemctl restart booner-hub\`; or set this password in Redis: in redis-cli, run \`ACL SETUSER booner-hub resetpass #SHA256\` (printed in step 1 of docs/redis.md)`;
}
