import { type RedisConfig, redisConfigOf, redisUrl, secretFile } from '@booner/bus/redis/config';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { type Secret, text } from '@booner/service';

/** Settings of how hosts are enrolled. */
export const enrolmentSettings = {
  BOONER_ENROLLER_USERNAME: text({ maxLength: 200 })({
    default: undefined,
    desc: 'user at Redis that may change users; without one the hub shows the lines for redis-cli',
  }),
  BOONER_ENROLLER_PASSWORD_FILE: secretFile({ default: undefined, desc: 'file that holds its password' }),
  BOONER_AGENT_REDIS_URL: redisUrl({
    default: undefined,
    desc: 'Redis as hosts reach it, without a user; default: REDIS_URL, with the name of the hub in place of loopback',
  }),
};

/** Flags of {@link enrolmentSettings}. */
export const enrolmentFlags = {
  'enroller-username': 'BOONER_ENROLLER_USERNAME',
  'enroller-password-file': 'BOONER_ENROLLER_PASSWORD_FILE',
  'agent-redis-url': 'BOONER_AGENT_REDIS_URL',
} as const;

type EnrolmentValues = Parameters<typeof redisConfigOf>[0] & {
  readonly BOONER_ENROLLER_USERNAME?: string;
  readonly BOONER_ENROLLER_PASSWORD_FILE?: Secret;
  readonly BOONER_AGENT_REDIS_URL?: Secret;
};

export type EnrolmentConfig = {
  /** The hub's Redis with the user that may change users; `null`: an operator does that. */
  readonly enroller: RedisConfig | null;
  /** Redis as hosts reach it; `null`: as the hub does. */
  readonly agentRedisUrl: string | null;
};

/** What the values of {@link enrolmentSettings} say. */
export function enrolmentConfigOf(values: EnrolmentValues): EnrolmentConfig {
  const { BOONER_ENROLLER_USERNAME: username, BOONER_ENROLLER_PASSWORD_FILE: password } = values;
  const redis = redisConfigOf(values);
  const hasEnroller = redis !== null && username !== undefined && password !== undefined;
  return {
    enroller: hasEnroller ? { ...redis, username, password } : null,
    agentRedisUrl: values.BOONER_AGENT_REDIS_URL?.reveal() ?? null,
  };
}

/** Refuses half of a user, one without a Redis, and a URL for hosts that would hand somebody's password to all of them. */
export function checkEnrolment({ config }: { readonly config: EnrolmentValues }): string | null {
  const {
    BOONER_ENROLLER_USERNAME: username,
    BOONER_ENROLLER_PASSWORD_FILE: password,
    REDIS_URL: redis,
  } = config;
  if (username !== undefined && password === undefined)
    return 'BOONER_ENROLLER_PASSWORD_FILE: is missing; BOONER_ENROLLER_USERNAME needs it';
  if (username === undefined && password !== undefined)
    return 'BOONER_ENROLLER_USERNAME: is missing; BOONER_ENROLLER_PASSWORD_FILE needs it';
  if (username !== undefined && redis === undefined)
    return 'BOONER_ENROLLER_USERNAME: is of no use without REDIS_URL';
  const forHosts = config.BOONER_AGENT_REDIS_URL;
  if (forHosts === undefined) return null;
  const address = parseRedisUrl(forHosts.reveal());
  if (address.username === undefined && address.password === undefined) return null;
  return 'BOONER_AGENT_REDIS_URL: holds a user or a password; each host gets its own, so leave them out';
}
