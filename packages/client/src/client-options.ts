import type { WebSocketFactory } from './connection/open-socket.ts';
import type { Page } from './connection/page.ts';
import type { Clock } from './time/clock.ts';

type MaybePromise<T> = T | Promise<T>;

export type BoonerClientOptions = {
  /** Of the hub, such as `http://localhost:8000`; absent: where the page came from. A path is kept, for hubs behind a proxy. */
  readonly url?: string | URL;
  /** Asked before each request; goes as `Authorization: Bearer …`, on WebSockets too where the runtime allows (Node.js). */
  readonly token?: () => MaybePromise<string | null>;
  /**
   * Asked before each WebSocket; goes as one more subprotocol, since browsers' WebSockets have no headers. A ticket is good for one
   * WebSocket, and made of the characters of a token of RFC 9110: letters, digits, `.`, `-`, `_`.
   */
  readonly ticket?: () => MaybePromise<string | null>;
  /** Makes WebSockets; absent: the runtime's. */
  readonly webSocket?: WebSocketFactory;
  readonly fetch?: typeof globalThis.fetch;
  /** From 0 to 1; for the jitter. */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** The page that is hidden and shown; absent: the one that this runs in, if it runs in one. */
  readonly page?: Page;
};

/** @throws TypeError where there is no page that could say where the hub is, or the URL is none of HTTP */
export function baseUrlOf(url: string | URL | undefined): string {
  const { location } = globalThis as { location?: { readonly origin: string } };
  const given = url ?? location?.origin;
  if (given === undefined) throw new TypeError('the url of the hub is missing');
  const base = new URL(given);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.href} is no URL of http or https`);
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}
