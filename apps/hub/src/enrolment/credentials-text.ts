import type { HostId, HostRole } from '@booner/protocol';

/** Credentials that a host receives once, when it enrols. */
export type HostCredentials = {
  readonly host: HostId;
  readonly label: string | null;
  readonly hubVersion: string;
  readonly redis: {
    /** Without a user or a password. */
    readonly url: string;
    /** Certificate authority of Redis, in PEM; `null`: a public one, or no TLS. */
    readonly ca: string | null;
    readonly users: Readonly<
      Partial<Record<HostRole, { readonly username: string; readonly password: string }>>
    >;
  };
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

/**
 * Formats credentials as `NAME=value` lines for a shell script. No value contains a newline. The
 * script must not evaluate the values.
 */
export function credentialsText({ host, label, hubVersion, redis }: HostCredentials): string {
  const { agent, runner } = redis.users;
  const lines = {
    HOST_ID: host,
    LABEL_BASE64: label === null ? '' : base64(label),
    HUB_VERSION: hubVersion,
    REDIS_URL: redis.url,
    REDIS_CA_BASE64: redis.ca === null ? '' : base64(redis.ca),
    AGENT_USERNAME: agent?.username,
    AGENT_PASSWORD: agent?.password,
    RUNNER_USERNAME: runner?.username,
    RUNNER_PASSWORD: runner?.password,
  };
  return Object.entries(lines)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
