import { BusError } from '../../bus-error.ts';

/** A parsed Redis URL. */
export type RedisAddress = {
  readonly tls: boolean;
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** One server, or the Sentinels. */
  readonly nodes: readonly { readonly host: string; readonly port: number }[];
  /** Name of the master at the Sentinels; `null` for a single server. */
  readonly masterName: string | null;
  readonly database: number;
};

const EXPECTED =
  'expected redis://[user:password@]host[:port][/database], rediss:// for TLS, or ' +
  'redis+sentinel://[user:password@]host[:port],host[:port]/master-name[/database]';
const SCHEME = /^([a-z][a-z+]*):\/\//i;
const SCHEMES = ['redis', 'rediss', 'redis+sentinel', 'rediss+sentinel'];
const NODE = /^(\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(\d{1,5}))?$/i;
const DEFAULT_PORT = 6379;
const DEFAULT_SENTINEL_PORT = 26379;

/**
 * Parses a Redis URL: `redis` and `rediss` as registered with IANA (the path is the database), and
 * `redis+sentinel` as other clients write it. User and password are percent-encoded and belong to
 * the server, not to the Sentinels.
 * @throws BusError `bad_url`, with what was expected and without the URL, which may contain a
 * password
 */
export function parseRedisUrl(url: string): RedisAddress {
  const scheme = SCHEME.exec(url)?.[1]?.toLowerCase();
  if (scheme === undefined) throw badUrl('the scheme is missing');
  if (!SCHEMES.includes(scheme)) throw badUrl(`the scheme is "${scheme}"`);
  const rest = url.slice(scheme.length + '://'.length);
  const at = rest.lastIndexOf('@');
  const [authority = '', ...path] = rest.slice(at + 1).split('/');
  if (/[?#]/.test(rest.slice(at + 1))) throw badUrl('a query or a fragment is not allowed');
  const sentinel = scheme.endsWith('+sentinel');
  const [masterName = '', ...databasePath] = sentinel ? path : ['-', ...path];
  if (masterName === '') throw badUrl('the name of the master is missing');
  const nodes = authority
    .split(',')
    .map((text) => parseNode(text, sentinel ? DEFAULT_SENTINEL_PORT : DEFAULT_PORT));
  if (!sentinel && nodes.length > 1) throw badUrl('several hosts need a scheme with +sentinel');
  return {
    tls: scheme.startsWith('rediss'),
    ...parseCredentials(at === -1 ? '' : rest.slice(0, at)),
    nodes,
    masterName: sentinel ? decode(masterName, 'the name of the master') : null,
    database: parseDatabase(databasePath),
  };
}

/** Returns a Redis URL for logs, without its password; nothing of a URL that cannot be parsed. */
export function redactRedisUrl(url: string): string {
  let address: RedisAddress;
  try {
    address = parseRedisUrl(url);
  } catch (error) {
    if (error instanceof BusError) return '[unreadable Redis URL]';
    throw error;
  }
  const { username, password } = address;
  const secret = password === undefined ? '' : ':[redacted]';
  const user =
    username === undefined && secret === '' ? '' : `${encodeURIComponent(username ?? '')}${secret}@`;
  return locationOf(address, user);
}

/** Returns a Redis URL without user and password. @throws BusError `bad_url` */
export const redisLocation = (url: string): string => locationOf(parseRedisUrl(url), '');

function locationOf({ tls, nodes, masterName, database }: RedisAddress, user: string): string {
  const scheme = `${tls ? 'rediss' : 'redis'}${masterName === null ? '' : '+sentinel'}`;
  const hosts = nodes.map(({ host, port }) => `${host.includes(':') ? `[${host}]` : host}:${port}`).join(',');
  const path = [masterName ?? [], database === 0 ? [] : database].flat().map((part) => `/${part}`);
  return `${scheme}://${user}${hosts}${path.join('')}`;
}

const badUrl = (issue: string) => new BusError('bad_url', `${issue}; ${EXPECTED}`);

function parseNode(text: string, defaultPort: number) {
  const [, host, portText] = NODE.exec(text) ?? [];
  if (host === undefined) throw badUrl(text === '' ? 'a host is missing' : 'a host or port is invalid');
  const port = portText === undefined ? defaultPort : Number(portText);
  if (port < 1 || port > 65_535) throw badUrl('a port is not between 1 and 65535');
  return { host: host.replace(/^\[(.*)\]$/, '$1'), port };
}

function parseCredentials(text: string) {
  const colon = text.indexOf(':');
  const username = decode(colon === -1 ? text : text.slice(0, colon), 'the user name');
  const password = colon === -1 ? '' : decode(text.slice(colon + 1), 'the password');
  return { username: username || undefined, password: password || undefined };
}

function parseDatabase(path: readonly string[]): number {
  const text = path.join('/');
  if (!/^\d{0,5}$/.test(text)) throw badUrl('the database is not a number');
  return Number(text);
}

function decode(text: string, what: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    if (error instanceof URIError) throw badUrl(`${what} is not percent-encoded`);
    throw error;
  }
}
