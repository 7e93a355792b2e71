import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { Context, MiddlewareHandler } from 'hono';
import { plainAddress } from './address.ts';
import { NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';

/** Who asks, and by which name and scheme, as far as it is known for certain. */
export type Client = {
  /** Of the client, not of the proxies that it came through; empty when the connection is gone already. */
  readonly address: string;
  /** How the client speaks with this hub, or with the proxy before it. */
  readonly protocol: 'http' | 'https';
  /** What the client takes this hub for, such as `hub.example.org:8443`. */
  readonly host: string;
  /** Whether a trusted proxy stands between. */
  readonly isProxied: boolean;
};

declare module 'hono' {
  interface ContextVariableMap {
    client: Client;
  }
}

/** Finds out who asks. `X-Forwarded-For`, `-Proto` and `-Host` are heard from trusted proxies alone: everybody else can write them, too. */
export function recognizeClient(proxies: TrustedProxies = NO_PROXIES): MiddlewareHandler {
  return (c, next) => {
    c.set('client', readClient(c, proxies));
    return next();
  };
}

/** Who asks, by what {@link recognizeClient} found out; without it as if no proxy was trusted. */
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

function readClient(c: Context, proxies: TrustedProxies): Client {
  const socket = (c.env as { readonly incoming?: IncomingMessage } | undefined)?.incoming?.socket;
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

/** Traefik says `wss` of a WebSocket over TLS. */
const PROTOCOLS: Readonly<Record<string, Client['protocol']>> = {
  http: 'http',
  ws: 'http',
  https: 'https',
  wss: 'https',
};

/** Each proxy adds who asked it at the end, so the list is true as far as trusted proxies wrote it: from the end to the first other address. */
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

/** An address that may have a port, as some proxies write it. */
function addressIn(entry: string): string | null {
  const [, bracketed, withPort] = /^\[([^\]]*)\](?::\d+)?$|^([\d.]+):\d+$/.exec(entry) ?? [];
  const address = plainAddress(bracketed ?? withPort ?? entry);
  return isIP(address) === 0 ? null : address;
}

const lastOf = (list: string | undefined): string => list?.split(',').at(-1)?.trim() ?? '';
