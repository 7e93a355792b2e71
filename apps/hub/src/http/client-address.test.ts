import { Hono } from 'hono';
import { describe, expect, it } from 'vitest';
import {
  type Client,
  clientAddress,
  clientOf,
  foreignHost,
  hubUrl,
  recognizeClient,
  sharedHubUrl,
} from './client-address.ts';
import { parseTrustedProxies } from './trusted-proxies.ts';

type Request = {
  readonly from?: string;
  readonly tls?: boolean;
  readonly headers?: Readonly<Record<string, string>>;
};

const app = new Hono<{ Bindings: object }>();
app.use(recognizeClient(parseTrustedProxies('127.0.0.1,10.0.0.0/8')));
app.get('/', (c) => c.json({ ...clientOf(c), origin: hubUrl(c, null).origin, shown: clientAddress(c) }));

async function ask({ from = '127.0.0.1', tls = false, headers = {} }: Request) {
  const env = { incoming: { socket: { remoteAddress: from, encrypted: tls } } };
  const answer = await app.request('/', { headers: { host: 'hub:8000', ...headers } }, env);
  return (await answer.json()) as Client & { readonly origin: string; readonly shown: string };
}
const addressBy = async (forwardedFor: string, from?: string) =>
  (await ask({ from, headers: { 'x-forwarded-for': forwardedFor } })).address;

const LIES = {
  'x-forwarded-for': '192.0.2.66',
  'x-forwarded-proto': 'https',
  'x-forwarded-host': 'evil.example',
};

describe('who asks', () => {
  it('is the peer of the connection, whatever it says of itself', async () => {
    expect(await ask({ from: '192.0.2.1', headers: LIES })).toEqual({
      address: '192.0.2.1',
      protocol: 'http',
      host: 'hub:8000',
      isProxied: false,
      origin: 'http://hub:8000',
      shown: '192.0.2.1',
    });
    expect(await ask({ from: '192.0.2.1', tls: true })).toMatchObject({ origin: 'https://hub:8000' });
  });

  it('is whom a trusted proxy names, by the scheme and the name that it names', async () => {
    const headers = {
      'x-forwarded-for': '192.0.2.1',
      'x-forwarded-proto': 'https',
      'x-forwarded-host': 'hub.example.org:8443',
    };
    expect(await ask({ headers })).toEqual({
      address: '192.0.2.1',
      protocol: 'https',
      host: 'hub.example.org:8443',
      isProxied: true,
      origin: 'https://hub.example.org:8443',
      shown: '192.0.2.1',
    });
    expect(await ask({ from: '::ffff:127.0.0.1', headers })).toMatchObject({ address: '192.0.2.1' });
  });

  it('is the last address that no trusted proxy has: what stands before it the client wrote', async () => {
    expect(await addressBy('6.6.6.6, 192.0.2.1')).toBe('192.0.2.1');
    expect(await addressBy('6.6.6.6, 192.0.2.1, 10.0.0.7, 10.0.0.8')).toBe('192.0.2.1');
    expect(await addressBy('10.0.0.5, 10.0.0.7')).toBe('10.0.0.5');
  });

  it.each([
    ['192.0.2.1:4711', '192.0.2.1'],
    ['[2001:db8::1]:4711', '2001:db8::1'],
    ['2001:db8::1', '2001:db8::1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['', '127.0.0.1'],
    ['unknown', '127.0.0.1'],
    ['192.0.2.1, <script>', '127.0.0.1'],
    ['192.0.2.1, unknown, 10.0.0.7', '10.0.0.7'],
  ])('is read from %j as %s', async (forwardedFor, address) =>
    expect(await addressBy(forwardedFor)).toBe(address),
  );

  it('speaks TLS also where a proxy calls that wss, and only by what the nearest proxy says', async () => {
    const schemeBy = async (proto: string) =>
      (await ask({ headers: { 'x-forwarded-proto': proto } })).protocol;
    expect(await schemeBy('wss')).toBe('https');
    expect(await schemeBy('HTTPS')).toBe('https');
    expect(await schemeBy('https, http')).toBe('http');
    expect(await schemeBy('gopher')).toBe('http');
  });

  it('finds the hub at its public URL, or at the one that it asked, with a slash at the end', async () => {
    const urlBy = async (publicUrl: string | null) => {
      const shown = new Hono().get('/', (c) =>
        c.text(hubUrl(c, publicUrl === null ? null : new URL(publicUrl)).href),
      );
      return (await shown.request('/', { headers: { host: 'hub:8000' } })).text();
    };
    expect(await urlBy(null)).toBe('http://hub:8000/');
    expect(await urlBy('https://example.org/hub')).toBe('https://example.org/hub/');
    expect(await urlBy('https://example.org/hub/')).toBe('https://example.org/hub/');
  });

  it('gives others its public URL, or one that this machine is known by, and no other address', async () => {
    const shownTo = async (host: string, publicUrl: URL | null = null, localAddress = '127.0.0.1') => {
      const shown = new Hono().get('/', (c) => {
        const url = sharedHubUrl(c, publicUrl);
        return url === null ? foreignHost(c) : c.text(url.href);
      });
      const env = { incoming: { socket: { localAddress } } };
      const answer = await shown.request('/', { headers: { host } }, env);
      return answer.status === 200 ? answer.text() : answer.status;
    };
    expect(await shownTo('hub-1:8000')).toBe('http://hub-1:8000/');
    expect(await shownTo('localhost:8000', null, '172.18.0.2')).toBe('http://localhost:8000/');
    expect(await shownTo('127.0.0.1:8000')).toBe('http://127.0.0.1:8000/');
    expect(await shownTo('[::1]:8000')).toBe('http://[::1]:8000/');
    expect(await shownTo('192.0.2.1:8000', null, '::ffff:192.0.2.1')).toBe('http://192.0.2.1:8000/');
    for (const foreign of ['192.0.2.1:8000', '[2001:db8::1]:8000', "';id;'.localhost:8000", 'a.localhost']) {
      expect(await shownTo(foreign), foreign).toBe(403);
      expect(await shownTo(foreign, new URL('https://hub.example.org'))).toBe('https://hub.example.org/');
    }
  });

  it('is nobody in particular where there is no connection', async () => {
    const answer = await new Hono().get('/', (c) => c.json(clientOf(c))).request('/');
    expect(await answer.json()).toEqual({ address: '', protocol: 'http', host: '', isProxied: false });
  });
});
