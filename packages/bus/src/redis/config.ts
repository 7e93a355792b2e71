import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Secret } from '@booner/service/secret';
import { makeExactValidator } from 'envalid';
import type { RedisSettings } from './connection-options.ts';
import { parseRedisUrl } from './redis-url.ts';

/** Validator of a Redis URL. What it says of a bad one leaves the URL out, since that may hold a password. */
const redisUrl = makeExactValidator<Secret>((text) => {
  parseRedisUrl(text);
  return new Secret(text);
});

/** Validator of the path of a file that holds a secret: its text without the newline at the end. */
const secretFile = makeExactValidator<Secret>((path) => {
  const text = readSettingFile(path).replace(/\r?\n$/, '');
  if (text === '') throw new TypeError(`${path} is empty`);
  return new Secret(text);
});

/** Validator of the path of a PEM file with certificates; gives their text. */
const certificateFile = makeExactValidator<string>((path) => {
  const text = readSettingFile(path);
  try {
    new X509Certificate(text);
  } catch (cause) {
    throw new TypeError(`${path} holds no certificate in PEM`, { cause });
  }
  return text;
});

/** Settings of every program that connects to Redis, for the `settings` of its configuration. */
export const redisSettings = {
  REDIS_URL: redisUrl({
    default: undefined,
    desc: 'redis://host:port, rediss:// for TLS, redis+sentinel://host,host/master',
  }),
  REDIS_USERNAME: makeExactValidator<string>((text) => text)({ default: undefined, desc: 'user at Redis' }),
  REDIS_PASSWORD_FILE: secretFile({ default: undefined, desc: 'file that holds the password' }),
  REDIS_CA_FILE: certificateFile({ default: undefined, desc: 'file with the CA of Redis, in PEM' }),
};

/** Flags of {@link redisSettings}. */
export const redisFlags = {
  'redis-url': 'REDIS_URL',
  'redis-username': 'REDIS_USERNAME',
  'redis-password-file': 'REDIS_PASSWORD_FILE',
  'redis-ca-file': 'REDIS_CA_FILE',
} as const;

/** A URL with something between a colon and the `@` that ends the credentials. */
const HOLDS_PASSWORD = /^[a-z+]+:\/\/[^@]*:[^@]+@/i;

/** What is wrong with a `--redis-url` that holds a password; `null` when nothing is. */
export function faultOfRedisArguments(argv: readonly string[]): string | null {
  const asValue = argv[argv.lastIndexOf('--redis-url') + 1] ?? '';
  const joined = argv
    .findLast((argument) => argument.startsWith('--redis-url='))
    ?.slice('--redis-url='.length);
  const given = joined ?? (argv.includes('--redis-url') ? asValue : '');
  if (!HOLDS_PASSWORD.test(given)) return null;
  return (
    '--redis-url: holds a password, and everybody on this machine can read arguments; ' +
    'put the URL into the environment (REDIS_URL), or the password into a file (REDIS_PASSWORD_FILE)'
  );
}

type RedisConfig = {
  readonly REDIS_URL?: Secret;
  readonly REDIS_USERNAME?: string;
  readonly REDIS_PASSWORD_FILE?: Secret;
  readonly REDIS_CA_FILE?: string;
};

/** The connection that a configuration names; `null` without a URL. */
export function toRedisSettings(config: RedisConfig): RedisSettings | null {
  const { REDIS_URL, REDIS_USERNAME, REDIS_PASSWORD_FILE, REDIS_CA_FILE } = config;
  if (REDIS_URL === undefined) return null;
  return {
    url: REDIS_URL.reveal(),
    username: REDIS_USERNAME,
    password: REDIS_PASSWORD_FILE?.reveal(),
    ca: REDIS_CA_FILE,
  };
}

function readSettingFile(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new TypeError(`${path} cannot be read (${code})`, { cause });
  }
}
