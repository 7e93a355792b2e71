import { once } from 'node:events';
import type { TaskMap } from '@booner/protocol';
import {
  eventually,
  type HubProcess,
  makeTlsFiles,
  openStatusClient,
  openTaskClient,
  startHub,
  type TlsFiles,
} from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { type ProxyServer, type StartProxyOptions, startCaddy, startNginx } from './start-proxy.ts';
import { tlsRequest } from './tls-request.ts';

const STREAM_WITHIN_MS = 10_000;
const TRUSTED = { BOONER_TRUSTED_PROXIES: '127.0.0.1', BOONER_INTERVAL_MS: '500' };
const PATH = '/ws/system/status';

const stack = new AsyncDisposableStack();
let tls: TlsFiles;
/** Requires no sign-in, for checks that do not depend on it. */
let open: HubProcess;
/** Requires sign-in, and allows each address one WebSocket. */
let guarded: HubProcess;
beforeAll(async () => {
  tls = stack.use(await makeTlsFiles());
  open = stack.use(await startHub({ args: ['--insecure'], env: TRUSTED }));
  const env = { ...TRUSTED, BOONER_MAX_CONNECTIONS_PER_ADDRESS: '1' };
  guarded = stack.use(await startHub({ auth: 'first', env }));
});
afterAll(() => stack.disposeAsync());

type StartProxy = (options: StartProxyOptions) => Promise<ProxyServer>;
const proxies: readonly (readonly [name: string, start: StartProxy])[] = [
  ['nginx', (options) => startNginx({ ...options, tls })],
  ['Caddy', startCaddy],
];

/** A WebSocket of a client at an address of this machine. Rejects with the refusal. */
async function dial(
  proxy: ProxyServer,
  path: string,
  { localAddress = '127.0.0.1', headers = {} } = {},
): Promise<WebSocket> {
  const url = `${proxy.url.replace('https:', 'wss:')}${path}`;
  const socket = new WebSocket(url, { ca: proxy.ca, localAddress, headers, family: 4 });
  socket.on('error', () => socket.terminate());
  await once(socket, 'open');
  return socket;
}

describe.each(proxies)('behind %s, by the example', (_name, start) => {
  it('a hub serves its pages, its API and its streams over TLS, as its own origin', async () => {
    await using proxy = await start({ hubPort: open.port });
    const { url, ca } = proxy;
    const ask = (path: string, headers: Record<string, string> = {}) =>
      tlsRequest(`${url}${path}`, [ca], { headers });

    const status = await ask('/system/status', { origin: url });
    expect(status).toMatchObject({ status: 200, headers: { 'cache-control': 'no-store' } });
    expect(status.headers['strict-transport-security']).toMatch(/^max-age=/);
    expect((await ask('/system/status', { origin: url.replace('https:', 'http:') })).status).toBe(403);
    expect((await ask('/system/status', { origin: 'https://evil.example' })).status).toBe(403);

    const page = await ask('/', { accept: 'text/html' });
    expect(page.text).toContain('<!doctype html>');
    const files = [...page.text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map(([, path]) => path!);
    for (const file of files) expect((await ask(file)).status, file).toBe(200);

    using status1 = await openStatusClient(url, { version: 1, ca, origin: url });
    using tasks1 = await openTaskClient(url, { version: 1, ca, origin: url });
    using status2 = await openStatusClient(url, { version: 2, ca, origin: url });
    const body = { host: '127.0.0.1', action: 'countdown', params: { seconds: 1 } };
    const created = await tlsRequest(`${url}/tasks`, [ca], { headers: { origin: url }, body });
    expect(created.status).toBe(202);
    const id = JSON.parse(created.text).task_id as keyof TaskMap;
    await eventually(() => tasks1.latest()?.[id]?.status === 'completed', {
      what: 'the task on its stream',
    });
    await eventually(() => status1.received.length >= 3 && status2.received.length >= 3, {
      what: 'the streams of the status',
    });
  });

  it('a hub serves API clients below a path', async () => {
    await using proxy = await start({ hubPort: open.port });
    const answer = await tlsRequest(`${proxy.url}/booner/targets`, [proxy.ca]);
    expect(JSON.parse(answer.text).targets).toHaveLength(1);
    const socket = await dial(proxy, `/booner${PATH}`);
    const [message] = await once(socket, 'message', { signal: AbortSignal.timeout(STREAM_WITHIN_MS) });
    expect(JSON.parse(String(message))).toHaveProperty('main_server');
    socket.terminate();
  });

  it("a hub knows each client's address, whatever headers a client sends", async () => {
    await using proxy = await start({ hubPort: guarded.port });
    const dialFrom = (localAddress: string, headers = {}) => {
      const authorization = `Bearer ${guarded.adminToken}`;
      return dial(proxy, PATH, { localAddress, headers: { authorization, ...headers } });
    };
    const own = await dialFrom('127.0.0.5');
    const other = await dialFrom('127.0.0.6');
    await expect(dialFrom('127.0.0.5')).rejects.toThrow('429');
    await expect(dialFrom('127.0.0.5', { 'X-Forwarded-For': '127.0.0.7' })).rejects.toThrow('429');
    own.close();
    const again = await eventually(() => dialFrom('127.0.0.5'), {
      what: 'the place of the WebSocket that was closed',
    });
    for (const socket of [other, again]) socket.terminate();
  });

  it('a person signs in with a cookie for TLS only, and the audit log shows the address', async () => {
    await using proxy = await start({ hubPort: guarded.port });
    const { url, ca } = proxy;
    const localAddress = `127.0.0.${10 + proxies.findIndex(([, each]) => each === start)}`;
    const body = { token: guarded.adminToken };
    const ownPage = { origin: url, 'sec-fetch-site': 'same-origin' };
    const signIn = await tlsRequest(`${url}/auth/session`, [ca], { headers: ownPage, body, localAddress });
    expect(signIn.status).toBe(200);
    const [setCookie = ''] = signIn.headers['set-cookie'] ?? [];
    expect(setCookie).toMatch(/^__Host-booner_session=.*; Path=\/;.* Secure/);
    const headers = { cookie: setCookie.split(';')[0], origin: url };
    const socket = await dial(proxy, PATH, { localAddress, headers });
    socket.terminate();
    await expect(dial(proxy, PATH, { localAddress, headers: { origin: url } })).rejects.toThrow('401');
    const authorization = `Bearer ${guarded.adminToken}`;
    const audit = await tlsRequest(`${url}/audit`, [ca], { headers: { authorization } });
    expect(JSON.parse(audit.text).entries).toContainEqual(
      expect.objectContaining({ verb: 'sign_in', verdict: 'allowed', address: localAddress }),
    );
  });
});

describe('nginx, by the example', () => {
  it('redirects plain HTTP to TLS', async () => {
    await using proxy = await startNginx({ hubPort: open.port, tls });
    const answer = await fetch(`${proxy.plainUrl}/targets?a=b`, { redirect: 'manual' });
    expect(answer.status).toBe(301);
    expect(answer.headers.get('location')).toBe('https://localhost/targets?a=b');
  });

  it('without its lines on WebSockets, the hub refuses them with an explanation, and polling works', async () => {
    const edit = (example: string) =>
      example.replaceAll(/^ *proxy_set_header (Upgrade|Connection) .*$/gm, '');
    await using proxy = await startNginx({ hubPort: open.port, tls, edit });
    await expect(dial(proxy, PATH)).rejects.toThrow('426');
    const told = await tlsRequest(`${proxy.url}${PATH}`, [proxy.ca]);
    const detail = expect.stringContaining('/system/status');
    expect(JSON.parse(told.text)).toMatchObject({ status: 426, detail });
    expect((await tlsRequest(`${proxy.url}/system/status`, [proxy.ca])).status).toBe(200);
  });
});

it('a proxy that is not trusted is a client like any other: its headers about clients are ignored', async () => {
  const env = { BOONER_TRUSTED_PROXIES: '10.9.9.9' };
  await using hub = await startHub({ args: ['--insecure'], env });
  await using proxy = await startNginx({ hubPort: hub.port, tls });
  const headers = { origin: proxy.url };
  const answer = await tlsRequest(`${proxy.url}/targets`, [proxy.ca], { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers).not.toHaveProperty('strict-transport-security');
});
