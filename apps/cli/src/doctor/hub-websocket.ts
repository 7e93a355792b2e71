import type { IncomingMessage } from 'node:http';
import { WebSocket } from 'ws';
import { safeText } from '../terminal/safe-text.ts';
import { proxyIn } from './ask.ts';
import { fail, ok, type Said } from './check.ts';

const DEADLINE_MS = 5000;

type Opened =
  | { readonly type: 'heard'; readonly ms: number }
  /** 101, and then nothing. */
  | { readonly type: 'silent' }
  /** Another answer than 101. */
  | { readonly type: 'answer'; readonly status: number; readonly proxy: string | null }
  | { readonly type: 'closed'; readonly code: number; readonly reason: string }
  | { readonly type: 'error'; readonly message: string };

/** Whether one of the two streams comes through, and if not, who is in the way. */
export async function checkWebSocket(
  url: string,
  path: string,
  token: string | null,
  proxyOfHttp: string | null,
): Promise<Said> {
  const opened = await open(`${url.replace(/^http/, 'ws')}${path}`, token);
  switch (opened.type) {
    case 'heard':
      return ok(`${path} brings data (${Math.ceil(opened.ms)} ms)`);
    case 'silent':
      return fail(
        `${path} opens, and brings nothing within ${DEADLINE_MS / 1000} s: something in between holds it back`,
        mendProxy(proxyOfHttp),
      );
    case 'closed':
      return fail(
        `${path} is closed at once (${opened.code} ${safeText(opened.reason)})`,
        opened.code === 1008
          ? '`booner login` stores another token'
          : '`journalctl -u booner-hub -n 20` on its machine',
      );
    case 'error':
      return fail(`${path} cannot be opened (${safeText(opened.message)})`, mendProxy(proxyOfHttp));
    case 'answer':
      return refused(path, opened.status, opened.proxy ?? proxyOfHttp);
    default:
      return opened satisfies never;
  }
}

function refused(path: string, status: number, proxy: string | null): Said {
  if (status === 401) return fail(`${path} wants a token (401)`, '`booner login` stores one');
  if (status === 429)
    return fail(
      `${path}: too many connections from here (429)`,
      'close some, or raise BOONER_MAX_CONNECTIONS_PER_ADDRESS',
    );
  const who = proxy === null ? 'a proxy that does not give its name' : `the proxy ${proxy}`;
  return fail(
    `${path} gets HTTP ${status} in place of 101: ${who} does not pass WebSockets on`,
    mendProxy(proxy),
  );
}

/** What lets WebSockets through, by what the proxy calls itself. */
export function mendProxy(proxy: string | null): string {
  if (/nginx|openresty/i.test(proxy ?? '')) {
    return 'in its location: `proxy_http_version 1.1; proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection "upgrade"; proxy_read_timeout 1h;` then `sudo nginx -s reload`';
  }
  if (/apache/i.test(proxy ?? '')) {
    return '`sudo a2enmod proxy_wstunnel`, `ProxyPass / http://HUB:8000/ upgrade=websocket`, then `sudo systemctl reload apache2`';
  }
  if (/squid/i.test(proxy ?? '')) return 'squid passes WebSockets only inside TLS: use https:// for the hub';
  return 'the proxy has to pass the headers Upgrade and Connection on, by HTTP/1.1: deploy/proxy has configurations for nginx, Caddy and Traefik';
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
      end({ type: 'answer', status: response.statusCode ?? 0, proxy: proxyIn(response.headers) });
    });
    socket.on('open', () => {
      timer = setTimeout(() => end({ type: 'silent' }), DEADLINE_MS);
    });
    socket.on('message', () => end({ type: 'heard', ms: performance.now() - startMs }));
    socket.on('close', (code, reason) => end({ type: 'closed', code, reason: reason.toString() }));
  });
}
