import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const PAGE = '<!doctype html><title>The dashboard</title>';
const SCRIPT = `console.log(${JSON.stringify('a'.repeat(3000))});`;
const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

/** A folder as a build leaves it, in one that holds a secret. */
async function startDashboard() {
  const parent = await mkdtemp(join(tmpdir(), 'booner-dashboard-'));
  const directory = join(parent, 'dist');
  await mkdir(join(directory, 'assets'), { recursive: true });
  const files = {
    'index.html': PAGE,
    'theme.js': 'one();',
    'favicon.svg': '<svg/>',
    '.stamp': 'hidden',
    '../secret.txt': 'hunter2',
    'assets/index-x1.js': SCRIPT,
    'assets/index-x1.js.br': brotliCompressSync(SCRIPT),
    'assets/index-x1.js.gz': gzipSync(SCRIPT),
    'assets/index-x2.css': 'a{}',
  };
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
  return {
    directory,
    [Symbol.asyncDispose]: () => rm(parent, { recursive: true, force: true }),
  };
}

/** Asks for a path as it is: `fetch` would resolve its dots, and ask for compressed answers. */
async function ask(hub: HubProcess, path: string, headers: IncomingHttpHeaders = {}, method = 'GET') {
  const asking = request({ host: '127.0.0.1', port: hub.port, path, method, headers, agent: false }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const bytes = Buffer.concat(await answer.toArray());
  return { status: answer.statusCode, headers: answer.headers, bytes, text: bytes.toString() };
}

const stack = new AsyncDisposableStack();
let hub: HubProcess;
beforeAll(async () => {
  const dashboard = stack.use(await startDashboard());
  hub = stack.use(await startHub({ env: { BOONER_DASHBOARD_DIR: dashboard.directory } }));
});
afterAll(() => stack.disposeAsync());

describe('the page', () => {
  it('is what browsers get at /, while programs get JSON', async () => {
    const page = await ask(hub, '/', BROWSER);
    expect([page.status, page.text]).toEqual([200, PAGE]);
    expect(page.headers).toMatchObject({
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      vary: expect.stringMatching(/^(?=.*\bAccept\b(?!-))(?=.*\bAccept-Encoding\b)/),
      'content-security-policy': expect.stringContaining("default-src 'none'; script-src 'self';"),
    });
    const json = await ask(hub, '/', { accept: '*/*' });
    expect(json.headers['content-type']).toBe('application/json');
    expect(JSON.parse(json.text)).toEqual({ message: 'Booner hub', version: expect.any(String) });
  });

  it.each([
    '/dashboard/tasks',
    '/dashboard/targets/10.0.0.2?range=5m',
    '/dashboard/a/b.js',
    '/dashboard/%2e%2e',
  ])('is that of every view: %s', async (path) => {
    const { status, text, headers } = await ask(hub, path, BROWSER);
    expect([status, text, headers['cache-control']]).toEqual([200, PAGE, 'no-cache']);
    const head = await ask(hub, path, BROWSER, 'HEAD');
    expect([head.status, head.text]).toEqual([200, '']);
    expect((await ask(hub, path, {}, 'POST')).status).toBe(405);
  });

  it('explains an unknown path to browsers, as a 404 that is not cached, while programs get a problem', async () => {
    for (const path of ['/nowhere', '/nowhere/else?a=b']) {
      const { status, headers, text } = await ask(hub, path, BROWSER);
      expect([status, text]).toEqual([404, PAGE]);
      expect(headers).toMatchObject({
        'cache-control': 'no-store',
        vary: expect.stringMatching(/\bAccept\b/),
      });
      const program = await ask(hub, path, { accept: '*/*' });
      expect([program.status, program.headers['content-type']]).toEqual([404, 'application/problem+json']);
    }
  });

  it('has one address for the fleet', async () => {
    for (const path of ['/dashboard', '/dashboard/']) {
      const { status, headers } = await ask(hub, path, BROWSER);
      expect([status, headers.location]).toEqual([302, '/']);
    }
  });

  it('is not sent again to a client that has it', async () => {
    const { headers } = await ask(hub, '/', BROWSER);
    const { status, bytes } = await ask(hub, '/', { ...BROWSER, 'if-none-match': headers.etag });
    expect([status, bytes.length]).toEqual([304, 0]);
    expect((await ask(hub, '/', { ...BROWSER, 'if-none-match': '"another"' })).status).toBe(200);
  });

  it('takes no path from the interface', async () => {
    for (const path of ['/targets', '/tasks', '/system/status']) {
      const { headers } = await ask(hub, path, BROWSER);
      expect([path, headers['content-type']]).toEqual([path, 'application/json']);
    }
  });
});

describe('a file', () => {
  it.each([
    ['br', 'gzip, deflate, br, zstd', brotliDecompressSync],
    ['gzip', 'gzip, deflate', gunzipSync],
    [undefined, 'identity', (bytes: Buffer) => bytes],
    [undefined, 'br;q=0', (bytes: Buffer) => bytes],
  ] as const)('is sent as %s to who accepts %s', async (encoding, accepted, decode) => {
    const { status, headers, bytes } = await ask(hub, '/assets/index-x1.js', { 'accept-encoding': accepted });
    expect(status).toBe(200);
    expect(headers).toMatchObject({
      'content-type': expect.stringMatching(/^text\/javascript\b/),
      'content-length': `${bytes.length}`,
      'cache-control': 'public, max-age=31536000, immutable',
      vary: expect.stringContaining('Accept-Encoding'),
    });
    expect(headers['content-encoding']).toBe(encoding);
    expect(decode(bytes).toString()).toBe(SCRIPT);
  });

  it('whose name says nothing of what is in it is asked about each time', async () => {
    for (const [path, type] of [
      ['/theme.js', /javascript/],
      ['/favicon.svg', /svg/],
    ] as const) {
      const { status, headers } = await ask(hub, path);
      expect([status, headers['cache-control']]).toEqual([200, 'no-cache']);
      expect(headers['content-type']).toMatch(type);
      expect((await ask(hub, path, { 'if-none-match': headers.etag })).status).toBe(304);
    }
  });

  it.each([
    '/assets/index-x0.js',
    '/assets/',
    '/assets',
    '/assets/../../secret.txt',
    '/assets/%2e%2e/%2e%2e/secret.txt',
    '/assets/..%2f..%2fsecret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/assets/%252e%252e/%252e%252e/secret.txt',
    '/assets//../../secret.txt',
    '/assets/index-x1.js%00.css',
    '/../secret.txt',
    '/.stamp',
    '/assets/index-x1.js/',
    '/index.html',
    '/favicon.ico',
  ])('that is none of the dashboard is a problem: %s', async (path) => {
    const { status, headers, text } = await ask(hub, path, BROWSER);
    expect([status, headers['content-type']]).toEqual([404, 'application/problem+json']);
    expect(headers['cache-control']).toBe('no-store');
    expect(text).not.toContain('hunter2');
  });
});
