import { resolve } from 'node:path';
import { type RedisConfig, redisConfigOf } from '@booner/bus/redis/config';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { oneOf, type Secret, text } from '@booner/service';
import { isLoopback } from '../http/address.ts';
import type { TrustedProxies } from '../http/trusted-proxies.ts';

/** Settings of access control. */
export const accessSettings = {
  BOONER_AUTH: oneOf(['auto', 'required'])({
    default: 'auto',
    desc: 'required, or auto: required unless hub and Redis are private to this machine',
  }),
  BOONER_STATE_DIR: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'where the hub keeps the history, and the first admin token when it runs without a terminal; default: /var/lib/booner',
  }),
  BOONER_AUDIT_FILE: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'file to which this hub appends its audit log, as JSON lines; SIGHUP reopens it',
  }),
};

/** Flags of {@link accessSettings}. */
export const accessFlags = {
  auth: 'BOONER_AUTH',
  'state-dir': 'BOONER_STATE_DIR',
  'audit-file': 'BOONER_AUDIT_FILE',
} as const;

type AccessValues = Parameters<typeof redisConfigOf>[0] & {
  readonly HOST?: string;
  readonly BOONER_INSECURE?: boolean;
  readonly BOONER_AUTH?: 'auto' | 'required';
  readonly BOONER_STATE_DIR?: string;
  readonly BOONER_AUDIT_FILE?: string;
  readonly BOONER_PUBLIC_URL?: URL;
  readonly BOONER_TRUSTED_PROXIES?: TrustedProxies;
  readonly BOONER_ENROLLER_USERNAME?: string;
  readonly BOONER_ENROLLER_PASSWORD_FILE?: Secret;
};

export type AccessConfig = {
  /** True if clients must sign in. */
  readonly authRequired: boolean;
  readonly stateDirectory: string;
  /** File for a copy of this hub's audit log; `null`: none. */
  readonly auditFile: string | null;
};

/**
 * Maps the values of {@link accessSettings}. Closed by default: a hub is open only if no other
 * machine can reach it or its Redis, and if it holds no password, which every local account could
 * use through an open hub.
 */
export const accessConfigOf = (values: AccessValues): AccessConfig => ({
  authRequired:
    values.BOONER_INSECURE !== true &&
    (values.BOONER_AUTH === 'required' ||
      isReachable(values) ||
      passwordSettingOf(values) !== null ||
      isRedisElsewhere(redisConfigOf(values))),
  stateDirectory: resolve(values.BOONER_STATE_DIR ?? '/var/lib/booner'),
  auditFile: values.BOONER_AUDIT_FILE === undefined ? null : resolve(values.BOONER_AUDIT_FILE),
});

/** Rejects `--insecure` with settings that require sign-in. */
export function checkAccess({ config }: { readonly config: AccessValues }): string | null {
  if (config.BOONER_INSECURE !== true) return null;
  if (config.BOONER_AUTH === 'required') {
    return 'BOONER_AUTH: is "required", but --insecure (BOONER_INSECURE) disables sign-in; remove one of them';
  }
  const setting = passwordSettingOf(config);
  if (setting === null) return null;
  return (
    `BOONER_INSECURE: cannot be used with ${setting}: anyone who can reach this hub could use its Redis ` +
    'user on every host. Remove --insecure (BOONER_INSECURE), and sign in with the first admin token'
  );
}

/** Returns true if others may reach the hub. A proxy or a public URL means so even on loopback. */
const isReachable = ({ HOST = '', BOONER_PUBLIC_URL, BOONER_TRUSTED_PROXIES }: AccessValues): boolean =>
  !isLoopback(HOST) || BOONER_PUBLIC_URL !== undefined || BOONER_TRUSTED_PROXIES?.isEmpty === false;

/** Finds a setting that gives this hub rights in Redis that other local accounts lack. */
function passwordSettingOf(values: AccessValues): string | null {
  if (values.BOONER_ENROLLER_USERNAME !== undefined) return 'BOONER_ENROLLER_USERNAME';
  if (values.BOONER_ENROLLER_PASSWORD_FILE !== undefined) return 'BOONER_ENROLLER_PASSWORD_FILE';
  const redis = redisConfigOf(values);
  if (redis === null) return null;
  if (redis.password !== undefined) return 'REDIS_PASSWORD_FILE';
  if (redis.username !== undefined) return 'REDIS_USERNAME';
  const { username, password } = parseRedisUrl(redis.url.reveal());
  return username === undefined && password === undefined ? null : 'a user or password in REDIS_URL';
}

/**
 * Returns true if others may reach the Redis. A Sentinel on loopback counts too: its master may be
 * on another machine.
 */
function isRedisElsewhere(redis: RedisConfig | null): boolean {
  if (redis === null) return false;
  const { nodes, masterName } = parseRedisUrl(redis.url.reveal());
  return masterName !== null || nodes.some(({ host }) => !isLoopback(host));
}
