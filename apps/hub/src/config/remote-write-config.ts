import { secretFile } from '@booner/bus/redis/config';
import { integer, Secret, text } from '@booner/service';
import { makeExactValidator } from 'envalid';

const receiver = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.hash !== '') {
    throw new TypeError('must be a URL that takes remote write, such as http://127.0.0.1:8428/api/v1/write');
  }
  if (url.username + url.password !== '') {
    throw new TypeError(
      'must not contain a user or a password: use BOONER_REMOTE_WRITE_USERNAME and …_PASSWORD_FILE',
    );
  }
  return url;
});

/** Settings of remote write. */
export const remoteWriteSettings = {
  BOONER_REMOTE_WRITE_URL: receiver({
    default: undefined,
    desc: 'where all metrics are sent by Prometheus remote write, such as http://127.0.0.1:8428/api/v1/write',
  }),
  BOONER_REMOTE_WRITE_USERNAME: text({ maxLength: 200 })({
    default: undefined,
    desc: 'user name there, for basic authentication',
  }),
  BOONER_REMOTE_WRITE_PASSWORD_FILE: secretFile({
    default: undefined,
    desc: 'file with the password of that user',
  }),
  BOONER_REMOTE_WRITE_TOKEN_FILE: secretFile({
    default: undefined,
    desc: 'file with a bearer token, instead of a user',
  }),
  BOONER_REMOTE_WRITE_QUEUE_MIB: integer({ min: 16, max: 1_000_000 })({
    default: 4096,
    desc: 'MiB on disk for metrics that wait to be sent; the oldest are dropped beyond that',
  }),
};

/** Flags of {@link remoteWriteSettings}. */
export const remoteWriteFlags = {
  'remote-write-url': 'BOONER_REMOTE_WRITE_URL',
  'remote-write-username': 'BOONER_REMOTE_WRITE_USERNAME',
  'remote-write-password-file': 'BOONER_REMOTE_WRITE_PASSWORD_FILE',
  'remote-write-token-file': 'BOONER_REMOTE_WRITE_TOKEN_FILE',
  'remote-write-queue-mib': 'BOONER_REMOTE_WRITE_QUEUE_MIB',
} as const;

type RemoteWriteValues = {
  readonly BOONER_REMOTE_WRITE_URL?: URL;
  readonly BOONER_REMOTE_WRITE_USERNAME?: string;
  readonly BOONER_REMOTE_WRITE_PASSWORD_FILE?: Secret;
  readonly BOONER_REMOTE_WRITE_TOKEN_FILE?: Secret;
  readonly BOONER_REMOTE_WRITE_QUEUE_MIB?: number;
};

export type RemoteWriteConfig = {
  readonly url: URL;
  /** Value of the header `Authorization`; `null`: none is sent. */
  readonly authorization: Secret | null;
  /** Size limit of the queue on disk. */
  readonly maxQueueBytes: number;
};

/** Maps the values of {@link remoteWriteSettings}. Returns `null` without a URL. */
export function remoteWriteConfigOf(values: RemoteWriteValues): RemoteWriteConfig | null {
  const { BOONER_REMOTE_WRITE_URL: url, BOONER_REMOTE_WRITE_QUEUE_MIB: mebibytes = 0 } = values;
  if (url === undefined) return null;
  return { url, authorization: authorizationOf(values), maxQueueBytes: mebibytes * 1024 * 1024 };
}

function authorizationOf({
  BOONER_REMOTE_WRITE_USERNAME: username,
  BOONER_REMOTE_WRITE_PASSWORD_FILE: password,
  BOONER_REMOTE_WRITE_TOKEN_FILE: token,
}: RemoteWriteValues): Secret | null {
  if (token !== undefined) return new Secret(`Bearer ${token.reveal()}`);
  if (username === undefined || password === undefined) return null;
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`);
}

/** Rejects half a login, two logins, and a login without a receiver. */
export function checkRemoteWrite({ config }: { readonly config: RemoteWriteValues }): string | null {
  const {
    BOONER_REMOTE_WRITE_URL: url,
    BOONER_REMOTE_WRITE_USERNAME: username,
    BOONER_REMOTE_WRITE_PASSWORD_FILE: password,
    BOONER_REMOTE_WRITE_TOKEN_FILE: token,
  } = config;
  if (username !== undefined && password === undefined)
    return 'BOONER_REMOTE_WRITE_PASSWORD_FILE: is required with BOONER_REMOTE_WRITE_USERNAME';
  if (username === undefined && password !== undefined)
    return 'BOONER_REMOTE_WRITE_USERNAME: is required with BOONER_REMOTE_WRITE_PASSWORD_FILE';
  if (token !== undefined && username !== undefined)
    return 'BOONER_REMOTE_WRITE_TOKEN_FILE: cannot be used with BOONER_REMOTE_WRITE_USERNAME; choose one';
  if (url === undefined && (username ?? token) !== undefined)
    return 'BOONER_REMOTE_WRITE_URL: is missing; set it, or remove the other BOONER_REMOTE_WRITE_… settings';
  return null;
}
