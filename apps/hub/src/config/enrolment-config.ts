import { type RedisConfig, redisConfigOf, secretFile } from '@booner/bus/redis/config';
import { parseRedisUrl } from '@booner/bus/redis/url';
import { Secret, text } from '@booner/service';
import { makeExactValidator } from 'envalid';

/** Value of the URL of Redis for hosts where no address is known that works on them. */
const NO_ADDRESS = 'none';

const agentRedisUrl = makeExactValidator<Secret | typeof NO_ADDRESS>((url) => {
  if (url === NO_ADDRESS) return NO_ADDRESS;
  parseRedisUrl(url);
  return new Secret(url);
});

/** Settings of enrolment. */
export const enrolmentSettings = {
  BOONER_ENROLLER_USERNAME: text({ maxLength: 200 })({
    default: undefined,
    desc: 'Redis user that creates the users of hosts; without it, the hub shows lines for redis-cli',
  }),
  BOONER_ENROLLER_PASSWORD_FILE: secretFile({
    default: undefined,
    desc: 'file with the password of that user',
  }),
  BOONER_AGENT_REDIS_URL: agentRedisUrl({
    default: undefined,
    desc: "URL of Redis for hosts, without a user; default: REDIS_URL, with the hub's name instead of loopback; none: the hub adds no hosts",
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
  readonly BOONER_AGENT_REDIS_URL?: Secret | typeof NO_ADDRESS;
};

export type EnrolmentConfig = {
  /** The hub's Redis with the user that manages users; `null`: an operator manages them. */
  readonly enroller: RedisConfig | null;
  /** URL of Redis for hosts; `null`: the hub's own. */
  readonly agentRedisUrl: string | null;
  /** False if hosts would not reach Redis at any known URL, so none can be added. */
  readonly hostsReachRedis: boolean;
};

/** Maps the values of {@link enrolmentSettings}. */
export function enrolmentConfigOf(values: EnrolmentValues): EnrolmentConfig {
  const {
    BOONER_ENROLLER_USERNAME: username,
    BOONER_ENROLLER_PASSWORD_FILE: password,
    BOONER_AGENT_REDIS_URL: forHosts,
  } = values;
  const redis = redisConfigOf(values);
  const hasEnroller = redis !== null && username !== undefined && password !== undefined;
  return {
    enroller: hasEnroller ? { ...redis, username, password } : null,
    agentRedisUrl: forHosts === undefined || forHosts === NO_ADDRESS ? null : forHosts.reveal(),
    hostsReachRedis: forHosts !== NO_ADDRESS,
  };
}

/**
 * Rejects a user without a password or the reverse, a user without Redis, and a URL for hosts with
 * a password, which all of them would receive.
 */
export function checkEnrolment({ config }: { readonly config: EnrolmentValues }): string | null {
  const {
    BOONER_ENROLLER_USERNAME: username,
    BOONER_ENROLLER_PASSWORD_FILE: password,
    REDIS_URL: redis,
  } = config;
  if (username !== undefined && password === undefined)
    return 'BOONER_ENROLLER_PASSWORD_FILE: is required with BOONER_ENROLLER_USERNAME';
  if (username === undefined && password !== undefined)
    return 'BOONER_ENROLLER_USERNAME: is required with BOONER_ENROLLER_PASSWORD_FILE';
  if (username !== undefined && redis === undefined)
    return 'BOONER_ENROLLER_USERNAME: has no effect without REDIS_URL; set that, too';
  const forHosts = config.BOONER_AGENT_REDIS_URL;
  if (forHosts === undefined || forHosts === NO_ADDRESS) return null;
  const address = parseRedisUrl(forHosts.reveal());
  if (address.username === undefined && address.password === undefined) return null;
  return 'BOONER_AGENT_REDIS_URL: must not contain a user or a password; each host gets its own';
}
