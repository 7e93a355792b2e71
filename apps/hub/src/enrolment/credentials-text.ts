import type { HostId } from '@booner/protocol';
import type { HostRole } from './host-passwords.ts';

/** What a host is handed, once. */
export type HostCredentials = {
  readonly host: HostId;
  readonly label: string | null;
  readonly hubVersion: string;
  readonly redis: {
    /** Without a user or a password. */
    readonly url: string;
    /** Certificates of the authority that signed Redis' own, in PEM; `null`: a public one, or no TLS. */
    readonly ca: string | null;
    readonly users: Readonly<
      Partial<Record<HostRole, { readonly username: string; readonly password: string }>>
    >;
  };
};

const base64 = (text: string) => Buffer.from(text).toString('base64');

/** The same as `NAME=value` lines for a shell script to read line by line: no value holds a newline, and none is to be evaluated. */
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
