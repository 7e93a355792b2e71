import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisConfig, redisConfigOf, redisSettings } from '@booner/bus/redis/config';
import { currentPassword } from '@booner/bus/redis/host-passwords';
import { ConfigError, readConfig } from '@booner/service/config';
import { readEnvFile } from './env-file.ts';

/** Options of `booner doctor`. */
export type DoctorOptions = {
  readonly redisUrl?: string;
  readonly redisUsername?: string;
  readonly redisPasswordFile?: string;
  readonly redisCaFile?: string;
};

type Env = Readonly<Record<string, string | undefined>>;

export type FoundRedis = {
  readonly config: RedisConfig;
  /** Source of the settings, for messages. */
  readonly from: string;
};

export type RedisSettingsIssue = { readonly issue: string; readonly from: string };

const ROLES = ['hub', 'agent', 'runner'] as const;

/**
 * Finds the Redis settings: from options, the environment, or the daemons of this machine.
 * @returns `null` if there are none
 */
export function findRedis(
  options: DoctorOptions,
  env: Env,
  root = '/',
): FoundRedis | RedisSettingsIssue | null {
  if (options.redisUrl !== undefined) {
    return read(
      {
        REDIS_URL: options.redisUrl,
        REDIS_USERNAME: options.redisUsername ?? env.REDIS_USERNAME,
        REDIS_PASSWORD_FILE: options.redisPasswordFile ?? env.REDIS_PASSWORD_FILE,
        REDIS_CA_FILE: options.redisCaFile ?? env.REDIS_CA_FILE,
      },
      '--redis-url',
    );
  }
  if (env.REDIS_URL) return read(env, 'REDIS_URL');
  for (const role of ROLES) {
    const path = join(root, `etc/booner/${role}.env`);
    const settings = readEnvFile(path);
    if (settings.type === 'unreadable') return { issue: `cannot read it (${settings.code})`, from: path };
    if (settings.type === 'read' && settings.values.REDIS_URL) {
      return withCurrentPassword(read(ofUnit(settings.values, role, root), path), role, root);
    }
  }
  return null;
}

/** Adds the password, which systemd passes to a unit as a credential, not in its environment. */
function ofUnit(values: Env, role: string, root: string): Env {
  const directory = join(root, 'etc/booner/credentials');
  const inDirectory = (path: string | undefined, name: string) =>
    path === undefined || /^(%d|\$\{?CREDENTIALS_DIRECTORY)/.test(path) ? join(directory, name) : path;
  const password = inDirectory(values.REDIS_PASSWORD_FILE, `redis-${role}-password`);
  const isNamed = values.REDIS_PASSWORD_FILE !== undefined || values.REDIS_USERNAME !== undefined;
  const isNeeded = isNamed || role !== 'hub' || existsSync(password); // the hub's is optional
  return {
    ...values,
    REDIS_PASSWORD_FILE: isNeeded ? password : undefined,
    REDIS_CA_FILE:
      values.REDIS_CA_FILE === undefined ? undefined : inDirectory(values.REDIS_CA_FILE, 'redis-ca.pem'),
  };
}

/** After a rotation, a host's program logs in with a password that it keeps in its state folder. */
function withCurrentPassword<T extends FoundRedis | RedisSettingsIssue>(
  found: T,
  role: string,
  root: string,
): FoundRedis | T {
  if ('issue' in found || found.config.password === undefined || role === 'hub') return found;
  const password = currentPassword(found.config.password, join(root, `var/lib/booner-${role}`));
  return { ...found, config: { ...found.config, password } };
}

function read(env: Env, from: string): FoundRedis | RedisSettingsIssue {
  try {
    const values = readConfig({ summary: '', settings: redisSettings, flags: {} }, { env, argv: [] });
    const config = values === null ? null : redisConfigOf(values);
    return config === null ? { issue: 'REDIS_URL is missing', from } : { config, from };
  } catch (error) {
    if (error instanceof ConfigError) return { issue: error.issues.join('; '), from };
    throw error;
  }
}
