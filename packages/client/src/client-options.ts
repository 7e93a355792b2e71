import type { WebSocketFactory } from './connection/open-socket.ts';
import type { Page } from './connection/page.ts';
import type { Clock } from './time/clock.ts';

type MaybePromise<T> = T | Promise<T>;

export type BoonerClientOptions = {
  /**
   * URL of the hub, such as `http://localhost:8000`. A path is kept, for hubs behind a proxy.
   * Default: the origin of the page.
   */
  readonly url?: string | URL;
  /**
   * Called before each request. Sent as `Authorization: Bearer …`, and on WebSockets too if the
   * runtime allows it (Node.js).
   */
  readonly token?: () => MaybePromise<string | null>;
  /**
   * Called before each WebSocket opens. Sent as an additional subprotocol, since browsers'
   * WebSockets have no headers. A ticket works for one WebSocket and consists of the characters of
   * an RFC 9110 token: letters, digits, `.`, `-`, `_`.
   */
  readonly ticket?: () => MaybePromise<string | null>;
  /** Opens WebSockets. Default: the runtime's. */
  readonly webSocket?: WebSocketFactory;
  readonly fetch?: typeof globalThis.fetch;
  /** Random numbers from 0 to 1, for jitter. */
  readonly random?: () => number;
  readonly clock?: Clock;
  /** The page whose visibility counts. Default: the one that this code runs in, if any. */
  readonly page?: Page;
};

/**
 * Returns the base URL.
 * @throws TypeError if the URL is missing outside of a page, or is not HTTP or HTTPS
 */
export function baseUrlOf(url: string | URL | undefined): string {
  const { location } = globalThis as { location?: { readonly origin: string } };
  const given = url ?? location?.origin;
  if (given === undefined) throw new TypeError('the url of the hub is required outside of a page');
  const base = new URL(given);
  if (!/^https?:$/.test(base.protocol)) throw new TypeError(`${base.href} is not an http or https URL`);
  base.search = '';
  base.hash = '';
  if (!base.pathname.endsWith('/')) base.pathname += '/';
  return base.href;
}
