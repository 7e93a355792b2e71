import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { type ConfigCheck, text } from '@booner/service/config';
import { Secret } from '@booner/service/secret';
import { makeExactValidator } from 'envalid';
import { BusError } from '../../bus-error.ts';
import { connectionOptions, type RedisSettings } from './connection-options.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Validator of a Redis URL. Its errors leave the URL out, since it may contain a password. */
export const redisUrl = makeExactValidator<Secret>((url) => {
  parseRedisUrl(url);
  return new Secret(url);
});

/** Validator of the path of a file with a secret. Returns its text without the trailing newline. */
export const secretFile = makeExactValidator<Secret>((path) => {
  const secret = readSettingFile(path).replace(/\r?\n$/, '');
  if (secret === '') throw new TypeError(`${path} is empty`);
  return new Secret(secret);
});

/** Validator of the path of a PEM file with certificates. Returns its text. */
const certificateFile = makeExactValidator<string>((path) => {
  const certificates = readSettingFile(path);
  try {
    new X509Certificate(certificates);
  } catch (cause) {
    throw new TypeError(`${path} holds no certificate in PEM`, { cause });
  }
  return certificates;
});

/** Settings of every program that connects to Redis, for the `settings` of its configuration. */
export const redisSettings = {
  REDIS_URL: redisUrl({
    default: undefined,
    desc: 'redis://host:port, rediss:// for TLS, redis+sentinel://host,host/master',
  }),
  REDIS_USERNAME: text({ maxLength: 200 })({ default: undefined, desc: 'user name at Redis' }),
  REDIS_PASSWORD_FILE: secretFile({ default: undefined, desc: 'file with the password' }),
  REDIS_CA_FILE: certificateFile({ default: undefined, desc: 'file with the CA of Redis, in PEM' }),
};

/** Command line flags of {@link redisSettings}. */
export const redisFlags = {
  'redis-url': 'REDIS_URL',
  'redis-username': 'REDIS_USERNAME',
  'redis-password-file': 'REDIS_PASSWORD_FILE',
  'redis-ca-file': 'REDIS_CA_FILE',
} as const;

/** Matches a URL with a password between a colon and the `@`. */
const HOLDS_PASSWORD = /^[a-z+]+:\/\/[^@]*:[^@]+@/i;

/** Rejects a `--redis-url` with a password: every user of a machine can read process arguments. */
export const checkRedisArguments: ConfigCheck = ({ argv }) => {
  const { tokens } = parseArgs({
    args: [...argv],
    options: { 'redis-url': { type: 'string' } },
    strict: false,
    tokens: true,
  });
  const holdsPassword = tokens.some(
    (token) =>
      token.kind === 'option' && token.name === 'redis-url' && HOLDS_PASSWORD.test(token.value ?? ''),
  );
  if (!holdsPassword) return null;
  return (
    '--redis-url: holds a password, which every user of this machine can read in the process list; ' +
    'set the URL in the environment (REDIS_URL), or put the password into a file (REDIS_PASSWORD_FILE)'
  );
};

/** Requires a Redis URL, for programs without an embedded mode. */
export const checkRedisUrl: ConfigCheck = ({ given }) =>
  given.REDIS_URL === undefined
    ? 'REDIS_URL: is missing; set it to the Redis of the hubs, such as redis://10.0.0.1:6379'
    : null;

type RedisValues = {
  readonly REDIS_URL?: Secret;
  readonly REDIS_USERNAME?: string;
  readonly REDIS_PASSWORD_FILE?: Secret;
  readonly REDIS_CA_FILE?: string;
};

/** Connection settings in a form that can be printed. */
export type RedisConfig = {
  /** May contain a password. */
  readonly url: Secret;
  readonly username: string | undefined;
  readonly password: Secret | undefined;
  /** Certificates of the authority that signed the certificate of Redis, in PEM. */
  readonly ca: string | undefined;
};

/** Returns the values of {@link redisSettings} as connection settings; `null` without a URL. */
export function redisConfigOf(values: RedisValues): RedisConfig | null {
  const {
    REDIS_URL: url,
    REDIS_USERNAME: username,
    REDIS_PASSWORD_FILE: password,
    REDIS_CA_FILE: ca,
  } = values;
  return url === undefined ? null : { url, username, password, ca };
}

/** Rejects settings that are valid alone but not together, such as a CA without TLS. */
export function checkRedisSettings({ config }: { readonly config: RedisValues }): string | null {
  const redis = redisConfigOf(config);
  if (redis === null) return null;
  try {
    connectionOptions(revealRedis(redis));
    return null;
  } catch (error) {
    if (error instanceof BusError) return `REDIS_URL: ${error.message}`;
    throw error;
  }
}

/** Returns the settings with their secrets revealed, for the connection only. */
export function revealRedis({ url, username, password, ca }: RedisConfig): RedisSettings {
  return { url: url.reveal(), username, password: password?.reveal(), ca };
}

function readSettingFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TypeError(`${path} cannot be read (${code})`, { cause });
  }
}
