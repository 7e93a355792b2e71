import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { safeText } from '../terminal/safe-text.ts';
import { type CheckResult, fail, ok } from './check.ts';
import { proxyIn } from './http-get.ts';

const DEADLINE_MS = 5000;

type Opened =
  | { readonly type: 'data'; readonly ms: number }
  /** Accepted with 101, but no message arrived. */
  | { readonly type: 'silent' }
  /** Any status except 101. */
  | { readonly type: 'rejected'; readonly status: number; readonly proxy: string | null }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  | { readonly type: 'error'; readonly message: string };

/** Checks that a stream delivers data, or finds out what blocks it. */
export async function checkWebSocket(
  url: string,
  path: string,
  token: string | null,
  proxyOfHttp: string | null,
): Promise<CheckResult> {
  const opened = await open(`${url.replace(/^http/, 'ws')}${path}`, token);
  switch (opened.type) {
    case 'data':
      return ok(`${path} delivers data (${Math.ceil(opened.ms)} ms)`);
    case 'silent':
      return fail(
        `${path} opens but delivers nothing within ${DEADLINE_MS / 1000} s: something in between blocks it`,
        hintForProxy(proxyOfHttp),
      );
    case 'closed':
      return fail(
        `${path} is closed immediately (${opened.code} ${safeText(opened.reason)})`,
        opened.code === 1008
          ? 'run `booner login` to store another token'
          : "run `journalctl -u booner-hub -n 20` on the hub's machine",
      );
    case 'error':
      return fail(`cannot open ${path} (${safeText(opened.message)})`, hintForProxy(proxyOfHttp));
    case 'rejected':
      return describeRejection(path, opened.status, opened.proxy ?? proxyOfHttp);
    default:
      return opened satisfies never;
  }
}

function describeRejection(path: string, status: number, proxy: string | null): CheckResult {
  if (status === 401) return fail(`${path} requires a token (401)`, 'run `booner login` to store one');
  if (status === 429)
    return fail(
      `${path}: too many connections from this address (429)`,
      'close some, or raise BOONER_MAX_CONNECTIONS_PER_ADDRESS',
    );
  const name = proxy === null ? 'an unnamed proxy' : `the proxy ${proxy}`;
  return fail(
    `${path} returns HTTP ${status} instead of 101: ${name} does not forward WebSockets`,
    hintForProxy(proxy),
  );
}

/** Returns how to configure a proxy for WebSockets, by the name that it reports. */
export function hintForProxy(proxy: string | null): string {
  if (/nginx|openresty/i.test(proxy ?? '')) {
    return 'add to its location: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 1h;`, then run `sudo nginx -s reload`';
  }
  if (/apache/i.test(proxy ?? '')) {
    return 'run `sudo a2enmod proxy_wstunnel`, set `ProxyPass / http://HUB:8000/ upgrade=websocket`, then run `sudo systemctl reload apache2`';
  }
  if (/squid/i.test(proxy ?? ''))
    return 'Squid forwards WebSockets only inside TLS: use https:// for the hub';
  return 'configure the proxy to forward the headers Upgrade and Connection over HTTP/1.1; deploy/proxy has examples for nginx, Caddy and Traefik';
}

function open(url: string, token: string | null): Promise<Opened> {
  const startMs = performance.now();
  return new Promise((resolve) => {
    const socket = new WebSocket(url, ['booner.v2'], {
      headers: token === null ? {} : { authorization: `Bearer ${token}` },
      handshakeTimeout: DEADLINE_MS,
      perMessageDeflate: false,
    });
    let timer: NodeJS.Timeout | undefined;
    const end = (opened: Opened) => {
      clearTimeout(timer);
      resolve(opened);
      socket.terminate();
    };
    socket.on('error', (error) => end({ type: 'error', message: error.message }));
    socket.on('unexpected-response', (_request, response: IncomingMessage) => {
      response.resume();
      end({ type: 'rejected', status: response.statusCode ?? 0, proxy: proxyIn(response.headers) });
    });
    socket.on('open', () => {
      timer = setTimeout(() => end({ type: 'silent' }), DEADLINE_MS);
    });
    socket.on('message', () => end({ type: 'data', ms: performance.now() - startMs }));
    socket.on('close', (code, reason) => end({ type: 'closed', code, reason: reason.toString() }));
  });
}
