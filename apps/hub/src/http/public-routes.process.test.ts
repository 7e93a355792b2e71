import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type HubProcess, startHub } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { allRoutes } from '../testing/all-routes.ts';

const REQUESTS = 30;
const AT_A_TIME = 10;
const PACKAGE = 'booner-host-1.2.3-linux-x64.tar.gz';
const ASSET = 'index-x1.js';
/** More than the buffers of a connection hold, so that a client can leave in the middle. */
const LARGE = Buffer.alloc(16 * 1024 * 1024, 'booner');

const stack = new AsyncDisposableStack();
const directory = await mkdtemp(join(tmpdir(), 'booner-public-'));
stack.defer(() => rm(directory, { recursive: true, force: true }));
const dashboard = join(directory, 'dashboard');
const packages = join(directory, 'packages');
await mkdir(join(dashboard, 'assets'), { recursive: true });
await mkdir(packages);
const sum = createHash('sha256').update(LARGE).digest('hex');
await Promise.all([
  writeFile(join(dashboard, 'index.html'), '<!doctype html><title>The dashboard</title>'),
  writeFile(join(dashboard, 'favicon.svg'), '<svg/>'),
  writeFile(join(dashboard, 'assets', ASSET), LARGE),
  writeFile(join(packages, PACKAGE), LARGE),
  writeFile(join(packages, 'SHA256SUMS'), `${sum}  ${PACKAGE}\n`),
]);

/** Every public GET. */
const PATHS = (await allRoutes(dashboard))
  .filter(({ route }) => route.access.role === null && route.method === 'get')
  .map(({ route }) => route.path.replace('{file}', PACKAGE))
  .map((path) => (path === '/assets/*' ? `/assets/${ASSET}` : path.replace('*', 'tasks')))
  .concat('/openapi.json');

let hub: HubProcess;
beforeAll(async () => {
  hub = stack.use(
    await startHub({
      auth: 'first',
      env: { BOONER_DASHBOARD_DIR: dashboard, BOONER_PACKAGES_DIR: packages },
    }),
  );
});
afterAll(() => stack.disposeAsync());

const HEADERS = { accept: 'text/html, */*' };

async function ask(method: string, path: string) {
  const asking = request({ port: hub.port, path, method, headers: HEADERS, agent: false }).end();
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const { length } = Buffer.concat(await answer.toArray());
  // How the body is framed is no header of the answer: a HEAD has none (RFC 9112 section 6.1).
  const { date: _, connection: __, 'transfer-encoding': ___, ...headers } = answer.headers;
  return { status: answer.statusCode, headers, length };
}

/** A GET whose client leaves: as soon as it has asked, or with the first bytes of the answer. */
async function abandon(path: string, when: 'before' | 'within') {
  const socket = connect(hub.port, '127.0.0.1');
  const closed = new Promise((resolve) => socket.once('close', resolve)); // the hub may reset it
  socket.on('error', () => {});
  await once(socket, 'connect');
  await new Promise((resolve) =>
    socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: ${HEADERS.accept}\r\n\r\n`, resolve),
  );
  if (when === 'within') await Promise.race([once(socket, 'data'), closed]);
  socket.destroy();
  await closed;
}

async function repeat(run: (index: number) => Promise<unknown>) {
  for (let done = 0; done < REQUESTS; done += AT_A_TIME) {
    await Promise.all(Array.from({ length: AT_A_TIME }, (_, index) => run(done + index)));
  }
}

const descriptors = async () => (await readdir(`/proc/${hub.pid}/fd`)).length;

describe('a public route', () => {
  it('is in the tables that this test reads', () => {
    expect(PATHS).toEqual(
      expect.arrayContaining([
        '/',
        '/healthz',
        '/docs/swagger-ui-bundle.js',
        `/packages/${PACKAGE}`,
        `/assets/${ASSET}`,
        '/favicon.svg',
        '/dashboard/tasks',
      ]),
    );
  });

  it.each(PATHS)('answers a HEAD as a GET, and holds nothing open: %s', async (path) => {
    const [head, get] = [await ask('HEAD', path), await ask('GET', path)];
    expect({ ...head, length: get.length }).toEqual(get);
    expect(head.length).toBe(0);
    const before = await descriptors();
    await repeat(() => ask('HEAD', path));
    await repeat((index) => abandon(path, index % 2 === 0 ? 'before' : 'within'));
    await eventually(async () => (await descriptors()) <= before, {
      what: `no more than ${before} open descriptors`,
    });
  });
});
