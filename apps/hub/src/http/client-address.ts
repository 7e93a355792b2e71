import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { TLSSocket } from 'node:tls';
import type { Context, MiddlewareHandler } from 'hono';
import { isLoopback, plainAddress } from './address.ts';
import { problem } from './problem.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** The client of a request, and the URL by which it reached the hub. */
export type Client = {
  /** Address of the client, not of a trusted proxy; empty if the connection has already closed. */
  readonly address: string;
  /** Protocol between the client and this hub, or the proxy in front of it. */
  readonly protocol: 'http' | 'https';
  /** Host under which the client reached this hub, such as `hub.example.org:8443`. */
  readonly host: string;
  /** True if the request came through a trusted proxy. */
  readonly isProxied: boolean;
};

declare module 'hono' {
  interface ContextVariableMap {
    client: Client;
  }
}

/**
 * Sets `client`. `X-Forwarded-For`, `-Proto` and `-Host` count only from trusted proxies, because
 * any client can send them.
 */
export function recognizeClient(proxies: TrustedProxies = NO_PROXIES): MiddlewareHandler {
  return (c, next) => {
    c.set('client', readClient(c, proxies));
    return next();
  };
}

/** The client that {@link recognizeClient} found; without that middleware, no proxy is trusted. */
export const clientOf = (c: Context): Client => c.get('client') ?? readClient(c, NO_PROXIES);

/** The address of the client, for limits and logs. */
export const clientAddress = (c: Context): string => clientOf(c).address;

/**
 * URL of this hub as users see it, ending in a slash.
 * @param publicUrl as configured; `null`: the URL that the client asked
 */
export function hubUrl(c: Context, publicUrl: URL | null): URL {
  const { protocol, host } = clientOf(c);
  const url = new URL(publicUrl ?? `${protocol}://${host}`);
  if (!url.pathname.endsWith('/')) url.pathname += '/';
  return url;
}

/**
 * {@link hubUrl} for others: people whom a link invites, and hosts that enrol.
 * @returns `null` if the client asked under an address that is not this machine's. Whoever can set
 * the `Host` of a request would otherwise choose where others send their secrets
 */
export function sharedHubUrl(c: Context, publicUrl: URL | null): URL | null {
  const url = hubUrl(c, publicUrl);
  return publicUrl !== null || isOwnName(c, url.hostname.replace(/^\[|\]$/g, '')) ? url : null;
}

/** The answer where {@link sharedHubUrl} is `null`. */
export const foreignHost = (c: Context): Response =>
  problem(
    c,
    403,
    'Foreign Host',
    `${JSON.stringify(clientOf(c).host)} is not an address of this hub's machine, so the hub does not give it to ` +
      'others. Ask under its own address or host name, or set BOONER_PUBLIC_URL.',
  );

/** Names other than addresses and `….localhost` are known, or the request was refused before. */
function isOwnName(c: Context, name: string): boolean {
  if (isIP(name) === 0) return !name.endsWith('.localhost');
  const { localAddress = '' } = socketOf(c) ?? {};
  const interfaces = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  return isLoopback(name) || [localAddress, ...interfaces.map(({ address }) => address)].some(isSame(name));
}

const isSame = (name: string) => (address: string) => plainAddress(address) === plainAddress(name);

const socketOf = (c: Context) =>
  (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming?.socket;

function readClient(c: Context, proxies: TrustedProxies): Client {
  const socket = socketOf(c);
  const peer = plainAddress(socket?.remoteAddress ?? '');
  const host = c.req.header('host') ?? '';
  const protocol = (socket as TLSSocket | undefined)?.encrypted ? 'https' : 'http';
  if (!proxies.has(peer)) return { address: peer, protocol, host, isProxied: false };
  return {
    address: addressBehind(peer, c.req.header('x-forwarded-for') ?? '', proxies),
    protocol: PROTOCOLS[lastOf(c.req.header('x-forwarded-proto')).toLowerCase()] ?? protocol,
    host: lastOf(c.req.header('x-forwarded-host')) || host,
    isProxied: true,
  };
}

/** Traefik sends `wss` for WebSockets over TLS. */
const PROTOCOLS: Readonly<Record<string, Client['protocol']>> = {
  http: 'http',
  ws: 'http',
  https: 'https',
  wss: 'https',
};

/**
 * Each proxy appends the address of its client. Entries are therefore reliable from the end to the
 * first address that is not a trusted proxy.
 */
function addressBehind(peer: string, forwardedFor: string, proxies: TrustedProxies): string {
  let address = peer;
  for (const entry of forwardedFor.split(',').reverse()) {
    const next = addressIn(entry.trim());
    if (next === null) return address;
    address = next;
    if (!proxies.has(address)) return address;
  }
  return address;
}

/** Parses an address with an optional port, which some proxies append. */
function addressIn(entry: string): string | null {
  const [, bracketed, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? [];
  const address = plainAddress(bracketed ?? withPort ?? entry);
  return isIP(address) === 0 ? null : address;
}

const lastOf = (list: string | undefined): string => list?.split(',').at(-1)?.trim() ?? '';
