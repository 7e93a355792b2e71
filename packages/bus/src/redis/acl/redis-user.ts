import type { HostId, Sha256 } from '@booner/protocol';

/** Users of Redis, as `ACL LIST` shows them. A host id holds no space and no character that is special in a pattern. */
export const HUB_USER = 'booner-hub';
export const ENROLLER_USER = 'booner-enroller';
export const agentUser = (host: HostId): string => `booner-agent-${host}`;
export const runnerUser = (host: HostId): string => `booner-runner-${host}`;

/** Commands on keys. A key is a pattern behind `%R~` (read), `%W~` (write) or `~` (both); a channel one behind `&`. */
export type Grant = { readonly keys: readonly string[]; readonly commands: readonly string[] };

export type Rights = {
  /** Commands without a key. */
  readonly commands?: readonly string[];
  readonly grants?: readonly Grant[];
  /** Patterns of channels that may be published to and subscribed to. */
  readonly channels?: readonly string[];
  /** Database that is selected after the log-in; 0, the default, needs no command for it. */
  readonly database?: number;
};

/** What every connection does: log in, say its name, and prove that it is alive. Redis 7.0 has no `client|setinfo` to allow. */
const CONNECTING = ['hello', 'auth', 'ping', 'client|setname'];

/** A user of Redis and the arguments of `ACL SETUSER NAME …` that make it what it shall be, whatever it was before. */
export type RedisUser = { readonly name: string; readonly rules: readonly string[] };

/** A user that may do this and nothing else. The password is known to Redis by its SHA-256 alone. */
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

/** For redis-cli. Holds no secret. */
export const setUserLine = ({ name, rules }: RedisUser): string => `ACL SETUSER ${name} ${rules.join(' ')}`;

/** Ends the connections of users at once, unlike `off`. */
export const deleteUsersLine = (names: readonly string[]): string => `ACL DELUSER ${names.join(' ')}`;

/** For the file that Redis' setting `aclfile` names, and for redis.conf where there is none. */
export const aclFileLine = ({ name, rules }: RedisUser): string =>
  `user ${name} ${rules.filter((rule) => rule !== 'reset').join(' ')}`;
