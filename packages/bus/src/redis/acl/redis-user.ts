import type { HostId, Sha256 } from '@booner/protocol';

/** Names of Redis users. A host id contains no space and no special character of a pattern. */
export const HUB_USER = 'booner-hub';
export const ENROLLER_USER = 'booner-enroller';
export const agentUser = (host: HostId): string => `booner-agent-${host}`;
export const runnerUser = (host: HostId): string => `booner-runner-${host}`;
export const usersOfHost = (host: HostId): readonly string[] => [agentUser(host), runnerUser(host)];

/** Commands on key patterns, which start with `%R~` (read), `%W~` (write) or `~` (both). */
export type Grant = { readonly keys: readonly string[]; readonly commands: readonly string[] };

export type Rights = {
  /** Commands that have no key. */
  readonly commands?: readonly string[];
  readonly grants?: readonly Grant[];
  /** Patterns of channels to publish and subscribe to. */
  readonly channels?: readonly string[];
  /** Database that is selected after login; 0, the default, needs no command. */
  readonly database?: number;
};

/**
 * Commands of every connection: log in, set its name, ping. Redis 7.0 does not know
 * `client|setinfo`.
 */
const CONNECTING = ['hello', 'auth', 'ping', 'client|setname'];

/**
 * A Redis user and the arguments of `ACL SETUSER NAME …` that define it, whatever it was before.
 */
export type RedisUser = { readonly name: string; readonly rules: readonly string[] };

/** Returns a user with these permissions only. Redis gets the SHA-256 of its password. */
export function redisUser(name: string, password: Sha256, rights: Rights): RedisUser {
  const { commands = [], grants = [], channels = [], database = 0 } = rights;
  const selecting = database === 0 ? [] : ['select'];
  return {
    name,
    rules: [
      'reset',
      'on',
      `#${password}`,
      ...allow([...CONNECTING, ...selecting, ...commands]),
      ...grants.map((grant) => `(${[...grant.keys, ...allow(grant.commands)].join(' ')})`),
      'resetchannels',
      ...channels.map((channel) => `&${channel}`),
    ],
  };
}

const allow = (commands: readonly string[]) => commands.map((command) => `+${command}`);

/** Returns the line for redis-cli that sets a user. It contains no secret. */
export const setUserLine = ({ name, rules }: RedisUser): string => `ACL SETUSER ${name} ${rules.join(' ')}`;

/** Returns the line that removes users. It ends their connections at once, unlike `off`. */
export const deleteUsersLine = (names: readonly string[]): string => `ACL DELUSER ${names.join(' ')}`;

/** Returns the line of a user for Redis' `aclfile`, or for redis.conf. */
export const aclFileLine = ({ name, rules }: RedisUser): string =>
  `user ${name} ${rules.filter((rule) => rule !== 'reset').join(' ')}`;
