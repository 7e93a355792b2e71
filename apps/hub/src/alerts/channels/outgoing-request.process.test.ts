import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { getCACertificates, setDefaultCACertificates, type TLSSocket } from 'node:tls';
import { makeTlsFiles, startReceiver } from '@booner/testkit';
import { expect, test } from 'vitest';
import { type OutgoingRequest, type RequestOptions, sendRequest } from './outgoing-request.ts';
import { createRedact } from './redact.ts';

const to = (url: string): OutgoingRequest => ({
  method: 'POST',
  url,
  headers: { 'content-type': 'text/plain' },
  body: 'hello',
});
const options = (more: Partial<RequestOptions> = {}): RequestOptions => ({
  allowPrivate: true,
  redact: createRedact([]),
  signal: new AbortController().signal,
  version: '1.2.3',
  ...more,
});
const DELIVERED = { type: 'delivered', answer: 'HTTP 200 ok' };

test('a 2xx is delivered, with what the receiver answered', async () => {
  await using receiver = await startReceiver();
  expect(await sendRequest(to(`${receiver.url}/hook`), options())).toEqual(DELIVERED);
  const [request] = receiver.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/hook' });
  expect(request?.headers).toMatchObject({ 'user-agent': 'Booner/1.2.3', 'content-length': '5' });
  expect(request?.body.toString()).toBe('hello');
});

test.each([400, 401, 404, 410, 413, 422])('a %d is rejected', async (status) => {
  await using receiver = await startReceiver((response) => response.writeHead(status).end('no'));
  expect(await sendRequest(to(receiver.url), options())).toEqual({
    type: 'rejected',
    answer: `HTTP ${status} no`,
  });
});

test.each([408, 425, 429, 500, 502, 503])('a %d is to be retried', async (status) => {
  await using receiver = await startReceiver((response) => response.writeHead(status).end('later'));
  expect(await sendRequest(to(receiver.url), options())).toEqual({
    type: 'retry',
    answer: `HTTP ${status} later`,
    retryAfterMs: null,
  });
});

test('Retry-After is read as seconds and as a date, and at most an hour', async () => {
  const inTwoMinutes = new Date(Date.now() + 120_000).toUTCString();
  for (const [header, min, max] of [
    ['7', 7000, 7000],
    ['0.65', 650, 650],
    [inTwoMinutes, 1, 120_000],
    ['Wed, 21 Oct 2015 07:28:00 GMT', 0, 0],
    ['1000000', 3_600_000, 3_600_000],
  ] as const) {
    await using receiver = await startReceiver((response) =>
      response.writeHead(429, { 'retry-after': header }).end(),
    );
    const outcome = await sendRequest(to(receiver.url), options());
    const retryAfterMs = outcome.type === 'retry' ? outcome.retryAfterMs : null;
    expect(retryAfterMs).toBeGreaterThanOrEqual(min);
    expect(retryAfterMs).toBeLessThanOrEqual(max);
  }
  await using receiver = await startReceiver((response) =>
    response.writeHead(503, { 'retry-after': 'soon' }).end(),
  );
  expect(await sendRequest(to(receiver.url), options())).toMatchObject({ retryAfterMs: null });
});

test('a redirect is not followed, but named', async () => {
  await using inner = await startReceiver();
  await using receiver = await startReceiver((response) =>
    response.writeHead(307, { location: `${inner.url}/admin` }).end(),
  );
  const outcome = await sendRequest(to(receiver.url), options());
  expect(outcome.type).toBe('rejected');
  expect(outcome.answer).toContain(`HTTP 307: redirects to ${inner.url}/admin`);
  expect(inner.requests).toEqual([]);
});

test('of an answer of 100 MB, the start is read', async () => {
  let produced = 0;
  const { promise: closed, resolve } = Promise.withResolvers<void>();
  await using receiver = await startReceiver((response) => {
    response.once('close', resolve);
    const chunks = function* () {
      for (; produced < 100; produced++) yield Buffer.alloc(1_000_000, 'x');
    };
    Readable.from(chunks(), { highWaterMark: 1 }).pipe(response);
  });
  const outcome = await sendRequest(to(receiver.url), options());
  expect(outcome).toMatchObject({ type: 'delivered' });
  expect(outcome.answer).toMatch(/^HTTP 200 x{290}…$/);
  await closed;
  // Some of it was in buffers of the system.
  expect(produced).toBeLessThan(50);
});

test.concurrent('a receiver that hangs is to be retried', async ({ expect }) => {
  await using receiver = await startReceiver(() => {});
  expect(await sendRequest(to(receiver.url), options())).toEqual({
    type: 'retry',
    answer: 'no answer within 10 s',
    retryAfterMs: null,
  });
  expect(receiver.requests).toHaveLength(1);
});

test.concurrent('a receiver that hangs after a 200 has the message', async ({ expect }) => {
  await using receiver = await startReceiver((response) => void response.writeHead(200).write('ok'));
  expect(await sendRequest(to(receiver.url), options())).toEqual(DELIVERED);
});

test.concurrent('a name that never resolves is to be retried', async ({ expect }) => {
  const resolve = () => new Promise<never>(() => {});
  expect(await sendRequest(to('https://example.org'), options({ resolve }))).toMatchObject({
    type: 'retry',
    answer: 'no answer within 10 s',
  });
});

test('an attempt ends when the hub stops', async () => {
  await using receiver = await startReceiver(() => {});
  const stop = new AbortController();
  const outcome = sendRequest(to(receiver.url), options({ signal: stop.signal }));
  stop.abort();
  expect(await outcome).toMatchObject({ type: 'retry', answer: 'stopped before an answer' });
});

test('a connection that is refused or reset is to be retried', async () => {
  const receiver = await startReceiver((response) => response.socket?.resetAndDestroy());
  expect(await sendRequest(to(receiver.url), options())).toMatchObject({ type: 'retry', retryAfterMs: null });
  await receiver[Symbol.asyncDispose]();
  const outcome = await sendRequest(to(receiver.url), options());
  expect(outcome).toMatchObject({ type: 'retry' });
  expect(outcome.answer).toContain('ECONNREFUSED');
});

test('secrets are removed from answers and from redirects', async () => {
  const redact = createRedact(['s3cr3t-t0ken']);
  await using receiver = await startReceiver((response, { path }) =>
    path === '/moved'
      ? response.writeHead(302, { location: '/s3cr3t-t0ken' }).end()
      : response.writeHead(403).end('bad token s3cr3t-t0ken'),
  );
  expect((await sendRequest(to(receiver.url), options({ redact }))).answer).toBe(
    'HTTP 403 bad token [redacted]',
  );
  expect((await sendRequest(to(`${receiver.url}/moved`), options({ redact }))).answer).toContain(
    'redirects to /[redacted],',
  );
});

test('private receivers are refused by address, by other notations, and by name', async () => {
  await using receiver = await startReceiver();
  const { port } = receiver;
  for (const host of [
    '127.0.0.1',
    '0x7f.1',
    '2130706433',
    '[::ffff:127.0.0.1]',
    '[::127.0.0.1]',
    'localhost',
  ]) {
    const outcome = await sendRequest(to(`http://${host}:${port}/`), options({ allowPrivate: false }));
    expect(outcome.type, host).toBe('rejected');
    expect(outcome.answer, host).toContain('set allowPrivate to true');
  }
  expect(receiver.requests).toEqual([]);
  expect(await sendRequest(to(`http://localhost:${port}/`), options())).toEqual(DELIVERED);
});

test('metadata services are refused even where private receivers are allowed', async () => {
  for (const host of ['169.254.169.254', '[fd00:ec2::254]', '[fe80::1]', '0.0.0.0', '[::]']) {
    const outcome = await sendRequest(to(`http://${host}/latest/meta-data`), options());
    expect(outcome.type, host).toBe('rejected');
    expect(outcome.answer, host).toContain('use another host');
  }
});

test('a name is resolved once, and the connection goes to that address', async () => {
  await using receiver = await startReceiver();
  let resolved = 0;
  const resolve = async () => {
    resolved++;
    // Another answer the second time, as an attacker's name server gives it.
    return [{ address: resolved === 1 ? '127.0.0.1' : '127.0.0.2', family: 4 }];
  };
  const url = `http://hooks.example.org:${receiver.port}/`;
  expect(await sendRequest(to(url), options({ resolve }))).toEqual(DELIVERED);
  expect(resolved).toBe(1);
  expect(receiver.requests[0]?.headers.host).toBe(`hooks.example.org:${receiver.port}`);
});

test('a name that does not exist is to be retried', async () => {
  const resolve = () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' }));
  expect(await sendRequest(to('https://example.org'), options({ resolve }))).toEqual({
    type: 'retry',
    answer: 'cannot resolve example.org: ENOTFOUND',
    retryAfterMs: null,
  });
});

test('certificates are verified for the name, at the address that was checked', async () => {
  await using files = await makeTlsFiles();
  const before = getCACertificates('default');
  using stack = new DisposableStack();
  stack.defer(() => setDefaultCACertificates(before));
  setDefaultCACertificates([...before, files.ca]);
  const names: unknown[] = [];
  const server = createServer(
    { cert: await readFile(files.certificateFile), key: await readFile(files.keyFile) },
    (request, response) => {
      names.push((request.socket as TLSSocket).servername, request.headers.host);
      response.end('ok');
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  const { port } = server.address() as AddressInfo;
  const resolve = async () => [{ address: '127.0.0.1', family: 4 }];
  expect(await sendRequest(to(`https://localhost:${port}`), options({ resolve }))).toEqual(DELIVERED);
  expect(names).toEqual(['localhost', `localhost:${port}`]);
  const outcome = await sendRequest(to(`https://hooks.example.org:${port}`), options({ resolve }));
  expect(outcome.type).toBe('retry');
  expect(outcome.answer).toContain('does not match');
  expect(names).toHaveLength(2);
});
