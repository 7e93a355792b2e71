import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type RedisConfig, redisConfigOf, redisSettings } from '@booner/bus/redis/config';
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
  /** Where the settings stand, for people. */
  readonly from: string;
};

export type RedisSettingsFault = { readonly fault: string; readonly from: string };

const ROLES = ['hub', 'agent', 'runner'] as const;

/**
 * Finds how Redis is reached: by flags, by the environment, or as the daemons of this machine reach it.
 * @returns `null` when nobody says
 */
export function findRedis(
  options: DoctorOptions,
  env: Env,
  root = '/',
): FoundRedis | RedisSettingsFault | null {
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
    if (settings.type === 'unreadable')
      return { fault: `${path} cannot be read (${settings.code})`, from: path };
    if (settings.type === 'read' && settings.values.REDIS_URL)
      return read(ofUnit(settings.values, role, root), path);
  }
  return null;
}

/** As systemd hands a unit its credentials, the password stands in no environment file. */
function ofUnit(values: Env, role: string, root: string): Env {
  const directory = join(root, 'etc/booner/credentials');
  const inDirectory = (path: string | undefined, name: string) =>
    path === undefined || /^(%d|\$\{?CREDENTIALS_DIRECTORY)/.test(path) ? join(directory, name) : path;
  const password = inDirectory(values.REDIS_PASSWORD_FILE, `redis-${role}-password`);
  const isNamed = values.REDIS_PASSWORD_FILE !== undefined || values.REDIS_USERNAME !== undefined;
  const isNeeded = isNamed || role !== 'hub' || existsSync(password); // the hub's is handed over where there is one
  return {
    ...values,
    REDIS_PASSWORD_FILE: isNeeded ? password : undefined,
    REDIS_CA_FILE:
      values.REDIS_CA_FILE === undefined ? undefined : inDirectory(values.REDIS_CA_FILE, 'redis-ca.pem'),
  };
}

function read(env: Env, from: string): FoundRedis | RedisSettingsFault {
  try {
    const values = readConfig({ summary: '', settings: redisSettings, flags: {} }, { env, argv: [] });
    const config = values === null ? null : redisConfigOf(values);
    return config === null ? { fault: 'there is no URL', from } : { config, from };
  } catch (error) {
    if (error instanceof ConfigError) return { fault: error.issues.join('; '), from };
    throw error;
  }
}
