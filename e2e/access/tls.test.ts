import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { cp, mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import {
  DaemonEndedError,
  eventually,
  type HubProcess,
  makeTlsFiles,
  openStatusClient,
  openTaskClient,
  startHub,
  type TlsFiles,
} from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateShown, tlsRequest } from './tls-request.ts';

const ERROR_LEVEL = 50;

const stack = new AsyncDisposableStack();
let first: TlsFiles;
let second: TlsFiles;
let ca: readonly string[];
beforeAll(async () => {
  [first, second] = [stack.use(await makeTlsFiles()), stack.use(await makeTlsFiles())];
  ca = [first.ca, second.ca];
});
afterAll(() => stack.disposeAsync());

const settingsOf = (certificate: string, key: string) => ({
  BOONER_TLS_CERT_FILE: certificate,
  BOONER_TLS_KEY_FILE: key,
  BOONER_INTERVAL_MS: '500',
});
const startTlsHub = ({ certificateFile, keyFile }: TlsFiles, env: Record<string, string> = {}) =>
  startHub({ env: { ...settingsOf(certificateFile, keyFile), ...env } });
const fingerprintOf = async ({ certificateFile }: TlsFiles) =>
  new X509Certificate(await readFile(certificateFile)).fingerprint256;

describe('a hub with a certificate', () => {
  let hub: HubProcess;
  beforeAll(async () => {
    hub = stack.use(await startTlsHub(first, { BOONER_MAX_CONNECTIONS_PER_ADDRESS: '3' }));
  });

  it('speaks HTTPS and WSS on one port, and nothing else', async () => {
    expect(hub.url).toBe(`https://127.0.0.1:${hub.port}`);
    const answer = await tlsRequest(`${hub.url}/system/status`, ca, { headers: { origin: hub.url } });
    expect(answer.status).toBe(200);
    expect(answer.headers['strict-transport-security']).toMatch(/^max-age=\d{7,}$/);
    using version1 = await openStatusClient(hub.url, { version: 1, ca: [...ca], origin: hub.url });
    using version2 = await openTaskClient(hub.url, { version: 2, ca: [...ca] });
    await eventually(() => version1.received.length >= 3 && version2.latest(), {
      what: 'the streams over TLS',
    });
    // A page loaded over plain HTTP is another origin: somebody on the path may have written it.
    const inTheClear = { headers: { origin: `http://127.0.0.1:${hub.port}` } };
    expect((await tlsRequest(`${hub.url}/system/status`, ca, inTheClear)).status).toBe(403);
    await expect(fetch(`http://127.0.0.1:${hub.port}/healthz`)).rejects.toThrow();
    await expect(certificateShown(hub.port, [second.ca])).rejects.toThrow(/certificate|issuer/);
    const old = connectTls({ port: hub.port, host: '127.0.0.1', ca: [...ca], maxVersion: 'TLSv1.1' });
    await expect(once(old, 'secureConnect')).rejects.toThrow(/alert|protocol/i);
  });

  it('counts its connections, and limits those of each address', async () => {
    const connections = async () => {
      const text = (await tlsRequest(`${hub.url}/metrics`, ca)).text;
      return Number(/^booner_hub_connections (\d+)$/m.exec(text)?.[1]);
    };
    const only = (count: number) =>
      eventually(async () => (await connections()) === count, {
        what: `${count} connections`,
      });
    await only(1); // its own
    using _one = await openStatusClient(hub.url, { version: 1, ca: [...ca] });
    using _other = await openTaskClient(hub.url, { version: 1, ca: [...ca] });
    await only(3);
    // The previous connection takes up the one place until the hub has seen it close, so retry.
    using two = await eventually(() => openStatusClient(hub.url, { version: 2, ca: [...ca] }), {
      what: 'a third client',
    });
    await expect(openStatusClient(hub.url, { version: 1, ca: [...ca] })).rejects.toThrow();
    two.socket.close();
    await two.closed;
    await only(3);
  });

  it('exits within 5 s of SIGTERM although a client does not finish its handshake, and notifies the others', async ({
    expect,
  }) => {
    using client = await eventually(() => openStatusClient(hub.url, { version: 1, ca: [...ca] }), {
      what: 'a place among three, once the hub has noticed that earlier connections ended',
    });
    const silent = connect(hub.port, '127.0.0.1').on('error', () => {});
    await once(silent, 'connect');
    expect(await hub.stop()).toEqual({ code: 0, signal: null });
    expect((await client.closed).code).toBe(1001);
  });

  it('has sessions that no page over plain HTTP and no other host of its domain can set', async () => {
    const env = settingsOf(first.certificateFile, first.keyFile);
    await using guarded = await startHub({ env, auth: 'first' });
    const signIn = async () => {
      const body = { token: guarded.adminToken };
      const { headers } = await tlsRequest(`${guarded.url}/auth/session`, ca, { body });
      const [set = ''] = headers['set-cookie'] ?? [];
      const [, name = '', secret = '', attributes = ''] = /^([^=]+)=([^;]+)(.*)$/.exec(set) ?? [];
      return { name, secret, attributes };
    };
    const { name, secret, attributes } = await signIn();
    expect(name).toBe('__Host-booner_session');
    expect(attributes.split('; ').slice(1).sort()).toEqual([
      'HttpOnly',
      'Max-Age=604800',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ]);
    const ask = async (cookie: string) =>
      (await tlsRequest(`${guarded.url}/targets`, ca, { headers: { cookie } })).status;
    const planted = `booner_session=${(await signIn()).secret}`;
    expect(await ask(planted)).toBe(401);
    const state = await tlsRequest(`${guarded.url}/auth`, ca, {
      headers: { cookie: `${planted}; ${name}=${secret}` },
    });
    expect(JSON.parse(state.text).signedIn).toMatchObject({ role: 'admin' });
    expect(await ask(`${planted}; ${name}=bnr_${'A'.repeat(43)}`)).toBe(401);
  });

  it('does not start with the key of another certificate, and says so', async () => {
    const start = startTlsHub({ ...first, keyFile: second.keyFile });
    const error = await start.then(
      () => null,
      (reason) => reason as DaemonEndedError,
    );
    expect(error).toBeInstanceOf(DaemonEndedError);
    expect(error?.end.code).toBe(78);
    expect(error?.message).toMatch(/BOONER_TLS_KEY_FILE: .* is not the key of the certificate in /);
  });
});

/**
 * Creates a folder as certbot keeps it: symbolic links to the current pair, swapped one after the
 * other.
 */
async function makeLiveFolder(pair: TlsFiles) {
  const directory = await mkdtemp(join(tmpdir(), 'booner-live-tls-'));
  const certificateFile = join(directory, 'fullchain.pem');
  const keyFile = join(directory, 'privkey.pem');
  let serial = 0;
  const point = async (name: string, source: string) => {
    serial += 1;
    const archived = join(directory, `archive-${serial}.pem`);
    await cp(source, archived);
    await symlink(archived, join(directory, 'new'));
    await rename(join(directory, 'new'), name);
  };
  await point(certificateFile, pair.certificateFile);
  await point(keyFile, pair.keyFile);
  return {
    certificateFile,
    keyFile,
    setCertificate: (from: TlsFiles) => point(certificateFile, from.certificateFile),
    setKey: (from: TlsFiles) => point(keyFile, from.keyFile),
    [Symbol.asyncDispose]: () => rm(directory, { recursive: true, force: true }),
  };
}

const untilShown = (hub: HubProcess, fingerprint: string) =>
  eventually(async () => (await certificateShown(hub.port, ca)) === fingerprint, {
    everyMs: 200,
    what: 'the new certificate',
  });
const errorsOf = (hub: HubProcess) => hub.logs().filter(({ level }) => level >= ERROR_LEVEL);

describe('a certificate that is renewed', () => {
  it('is used for new connections, while WebSockets stay open', async () => {
    await using live = await makeLiveFolder(first);
    await using hub = await startHub({ env: settingsOf(live.certificateFile, live.keyFile) });
    using client = await openStatusClient(hub.url, { version: 2, ca: [first.ca] });
    expect(await certificateShown(hub.port, ca)).toBe(await fingerprintOf(first));
    await live.setCertificate(second);
    await live.setKey(second);
    await untilShown(hub, await fingerprintOf(second));
    const received = client.received.length;
    await eventually(() => client.received.length > received + 2, {
      what: 'the stream of the old WebSocket',
    });
    expect(client.isOpen()).toBe(true);
    using _late = await openStatusClient(hub.url, { version: 1, ca: [second.ca] });
    expect(errorsOf(hub)).toEqual([]);
  });

  it('is not used while it is broken: the old one stays, the log says why once, and a corrected one is used', async ({
    expect,
  }) => {
    await using live = await makeLiveFolder(first);
    await using hub = await startHub({ env: settingsOf(live.certificateFile, live.keyFile) });
    await live.setCertificate(second);
    const error = await eventually(() => errorsOf(hub)[0], {
      what: 'a log line about the broken pair',
    });
    expect(error.issue).toMatch(/^BOONER_TLS_KEY_FILE: .* is not the key of the certificate/);
    expect(await certificateShown(hub.port, ca)).toBe(await fingerprintOf(first));
    await writeFile(live.certificateFile, 'half a certif');
    const next = await eventually(() => errorsOf(hub)[1], {
      what: 'a log line about the next error',
    });
    expect(next.issue).toMatch(/^BOONER_TLS_CERT_FILE: .* holds no certificate in PEM/);
    expect((await tlsRequest(`${hub.url}/healthz`, [first.ca])).status).toBe(200);
    await live.setCertificate(second);
    await live.setKey(second);
    await untilShown(hub, await fingerprintOf(second));
    expect(errorsOf(hub)).toHaveLength(2);
  });
});
