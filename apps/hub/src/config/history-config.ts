import { join, resolve } from 'node:path';
import { secretFile } from '@booner/bus/redis/config';
import { type HistoryLimits, parseRetention, type Retention } from '@booner/history';
import { Secret, text } from '@booner/service';
import { makeExactValidator } from 'envalid';
import { isLoopback } from '../http/address.ts';
import { stateDirectoryOf } from './program-files.ts';
import { size, UNITS } from './size.ts';

const retention = makeExactValidator<Retention>((value) => {
  const parsed = parseRetention(value);
  if (typeof parsed === 'string') throw new TypeError(parsed);
  return parsed;
});

const store = makeExactValidator<URL>((value) => {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol) || url.search + url.hash !== '') {
    throw new TypeError('must be the base URL of a Prometheus HTTP API, such as http://127.0.0.1:8428');
  }
  if (url.username + url.password !== '') {
    throw new TypeError(
      'must not contain a user or a password: use BOONER_HISTORY_QUERY_USERNAME and …_PASSWORD_FILE',
    );
  }
  return url;
});

const peers = makeExactValidator<URL[]>((value) =>
  value.split(',').map((entry) => {
    const url = URL.parse(entry.trim());
    if (url === null || !/^https?:$/.test(url.protocol) || url.search + url.hash !== '') {
      throw new TypeError(
        `must list URLs of hubs such as https://hub-2.example.org, not ${JSON.stringify(entry)}`,
      );
    }
    if (url.username + url.password !== '') throw new TypeError('must not contain a user or a password');
    return url;
  }),
);

const DEFAULT_KEEP = 'raw=6h,10s=48h,1m=30d,10m=90d,1h=400d';
/** As a directory: no history beyond the last minutes. */
const OFF = 'off';

/** Settings of the history. */
export const historySettings = {
  BOONER_HISTORY_DIR: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'folder of the history; off: keep the last 15 minutes only; default: a folder in the state directory',
  }),
  BOONER_HISTORY_MAX_SIZE: size({
    default: 4 * UNITS.GiB,
    desc: 'size of the history; beyond it, the oldest of the finest data is deleted; such as 4GiB',
  }),
  BOONER_HISTORY_MIN_FREE: size({
    default: UNITS.GiB,
    desc: 'free space on its file system below which nothing is recorded; such as 1GiB',
  }),
  BOONER_HISTORY_KEEP: retention({
    default: parseRetention(DEFAULT_KEEP) as Retention,
    desc: `how long each resolution is kept; default: ${DEFAULT_KEEP}`,
  }),
  BOONER_HISTORY_QUERY_URL: store({
    default: undefined,
    desc: 'Prometheus HTTP API from which older ranges are read, such as http://127.0.0.1:8428',
  }),
  BOONER_HISTORY_QUERY_USERNAME: text({ maxLength: 200 })({
    default: undefined,
    desc: 'user name there, for basic authentication',
  }),
  BOONER_HISTORY_QUERY_PASSWORD_FILE: secretFile({
    default: undefined,
    desc: 'file with the password of that user',
  }),
  BOONER_HISTORY_QUERY_TOKEN_FILE: secretFile({
    default: undefined,
    desc: 'file with a bearer token, instead of a user',
  }),
  BOONER_HISTORY_PEERS: peers({
    default: [],
    desc: 'URLs of other hubs, separated by commas, from which this one fetches what it missed while it was down',
  }),
  BOONER_HISTORY_PEER_TOKEN_FILE: secretFile({
    default: undefined,
    desc: 'file with a token of the other hubs, of the role viewer without a read scope',
  }),
};

/** Flags of {@link historySettings}. */
export const historyFlags = {
  'history-dir': 'BOONER_HISTORY_DIR',
  'history-max-size': 'BOONER_HISTORY_MAX_SIZE',
  'history-min-free': 'BOONER_HISTORY_MIN_FREE',
  'history-keep': 'BOONER_HISTORY_KEEP',
  'history-query-url': 'BOONER_HISTORY_QUERY_URL',
  'history-query-username': 'BOONER_HISTORY_QUERY_USERNAME',
  'history-query-password-file': 'BOONER_HISTORY_QUERY_PASSWORD_FILE',
  'history-query-token-file': 'BOONER_HISTORY_QUERY_TOKEN_FILE',
  'history-peers': 'BOONER_HISTORY_PEERS',
  'history-peer-token-file': 'BOONER_HISTORY_PEER_TOKEN_FILE',
} as const;

/** Rejects a token that would be sent over a network without encryption. */
export function checkHistory({ config }: { readonly config: Partial<HistoryValues> }): string | null {
  if (config.BOONER_HISTORY_PEER_TOKEN_FILE === undefined) return null;
  const open = config.BOONER_HISTORY_PEERS?.find(
    (url) => url.protocol === 'http:' && !isLoopback(url.hostname),
  );
  if (open === undefined) return null;
  return `BOONER_HISTORY_PEERS: must use https, except on loopback: ${open.origin} would receive the token unencrypted`;
}

type HistoryValues = {
  readonly BOONER_HISTORY_DIR?: string;
  readonly BOONER_HISTORY_MAX_SIZE: number;
  readonly BOONER_HISTORY_MIN_FREE: number;
  readonly BOONER_HISTORY_KEEP: Retention;
  readonly BOONER_HISTORY_QUERY_URL?: URL;
  readonly BOONER_HISTORY_QUERY_USERNAME?: string;
  readonly BOONER_HISTORY_QUERY_PASSWORD_FILE?: Secret;
  readonly BOONER_HISTORY_QUERY_TOKEN_FILE?: Secret;
  readonly BOONER_HISTORY_PEERS: readonly URL[];
  readonly BOONER_HISTORY_PEER_TOKEN_FILE?: Secret;
};

export type HistoryConfig = HistoryLimits & {
  /** `null`: only the last minutes are kept, in memory. */
  readonly directory: string | null;
  /** Prometheus store of older ranges; `null`: there is none. */
  readonly queryUrl: URL | null;
  /** Value of the header `Authorization` for it; `null`: none. */
  readonly queryAuthorization: Secret | null;
  /** Hubs to fetch from, and the token for them; `null`: they are open. */
  readonly peers: readonly URL[];
  readonly peerToken: Secret | null;
};

/**
 * Maps the values of {@link historySettings}.
 * @param stateDirectory the state directory that was set, if it was
 */
export function historyConfigOf(values: HistoryValues, stateDirectory: string | undefined): HistoryConfig {
  const { BOONER_HISTORY_DIR: directory } = values;
  const below = stateDirectoryOf(stateDirectory);
  return {
    directory: directory === OFF ? null : resolve(directory ?? join(below, 'history')),
    retention: values.BOONER_HISTORY_KEEP,
    maxBytes: values.BOONER_HISTORY_MAX_SIZE,
    minFreeBytes: values.BOONER_HISTORY_MIN_FREE,
    queryUrl: values.BOONER_HISTORY_QUERY_URL ?? null,
    queryAuthorization: authorizationOf(values),
    peers: values.BOONER_HISTORY_PEERS,
    peerToken: values.BOONER_HISTORY_PEER_TOKEN_FILE ?? null,
  };
}

function authorizationOf({
  BOONER_HISTORY_QUERY_USERNAME: username,
  BOONER_HISTORY_QUERY_PASSWORD_FILE: password,
  BOONER_HISTORY_QUERY_TOKEN_FILE: token,
}: HistoryValues): Secret | null {
  if (token !== undefined) return new Secret(`Bearer ${token.reveal()}`);
  if (username === undefined || password === undefined) return null;
  return new Secret(`Basic ${Buffer.from(`${username}:${password.reveal()}`).toString('base64')}`);
}
