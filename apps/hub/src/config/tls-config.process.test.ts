import { execFile } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ConfigError } from '@booner/service';
import { makeTlsFiles, type TlsFiles } from '@booner/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const read = (env: Record<string, string>) => readHubConfig({ env, argv: [] }) as HubConfig;
function issuesOf(env: Record<string, string>): readonly string[] {
  try {
    read(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.issues;
    throw error;
  }
  return [];
}

describe('the certificate of a hub', () => {
  const stack = new AsyncDisposableStack();
  let directory: string;
  let own: TlsFiles;
  let other: TlsFiles;
  const issueOf = (certificate: string | undefined, key: string | undefined) =>
    issuesOf({
      ...(certificate === undefined ? {} : { BOONER_TLS_CERT_FILE: certificate }),
      ...(key === undefined ? {} : { BOONER_TLS_KEY_FILE: key }),
    }).join('\n');
  const fileOf = async (name: string, text: string) => {
    await writeFile(join(directory, name), text);
    return join(directory, name);
  };

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'booner-config-tls-'));
    stack.defer(() => rm(directory, { recursive: true, force: true }));
    [own, other] = [stack.use(await makeTlsFiles()), stack.use(await makeTlsFiles())];
  });
  afterAll(() => stack.disposeAsync());

  it('is accepted with its key', () => {
    const env = { BOONER_TLS_CERT_FILE: own.certificateFile, BOONER_TLS_KEY_FILE: own.keyFile };
    expect(read(env).tls).toEqual({ certificateFile: own.certificateFile, keyFile: own.keyFile });
    expect(read({}).tls).toBeNull();
  });

  it('requires its key, and a key requires its certificate', () => {
    expect(issueOf(own.certificateFile, undefined)).toMatch(/^BOONER_TLS_KEY_FILE: is required/);
    expect(issueOf(undefined, own.keyFile)).toMatch(/^BOONER_TLS_CERT_FILE: is required/);
  });

  it('and its key must be readable files', () => {
    expect(issueOf('/nowhere/a.crt', own.keyFile)).toBe(
      'BOONER_TLS_CERT_FILE: /nowhere/a.crt cannot be read (ENOENT)',
    );
    expect(issueOf(own.certificateFile, '/nowhere/a.key')).toBe(
      'BOONER_TLS_KEY_FILE: /nowhere/a.key cannot be read (ENOENT)',
    );
    expect(issueOf(directory, own.keyFile)).toMatch(/cannot be read \(EISDIR\)/);
  });

  it('and its key must be PEM, and match', async () => {
    const garbage = await fileOf('garbage', 'no certificate\n');
    expect(issueOf(garbage, own.keyFile)).toMatch(/^BOONER_TLS_CERT_FILE: .*holds no certificate in PEM$/);
    expect(issueOf(own.certificateFile, garbage)).toMatch(
      /^BOONER_TLS_KEY_FILE: .*holds no private key in PEM$/,
    );
    expect(issueOf(own.keyFile, own.certificateFile)).toMatch(/holds no certificate in PEM$/);
    expect(issueOf(own.certificateFile, other.keyFile)).toBe(
      `BOONER_TLS_KEY_FILE: ${other.keyFile} is not the key of the certificate in ${own.certificateFile}`,
    );
  });

  it('must have a key without a passphrase', async () => {
    const encrypted = join(directory, 'encrypted.key');
    const args = ['pkcs8', '-topk8', '-in', own.keyFile, '-out', encrypted, '-passout', 'pass:hunter2'];
    await promisify(execFile)('openssl', args);
    expect(issueOf(own.certificateFile, encrypted)).toMatch(/BOONER_TLS_KEY_FILE: .*passphrase/);
  });
});

describe('the public URL of a hub', () => {
  it('is an HTTP URL, which may have a path', () => {
    const url = 'https://example.org/status';
    expect(read({ BOONER_PUBLIC_URL: url })).toMatchObject({
      publicUrl: new URL(url),
      access: { publicOrigin: 'https://example.org' },
    });
    for (const bad of ['hub.example.org', 'ftp://a', 'https://u:p@a', 'https://a/?b', 'https://a/#b']) {
      expect(issuesOf({ BOONER_PUBLIC_URL: bad }), bad).toEqual([
        expect.stringMatching(/^BOONER_PUBLIC_URL: must/),
      ]);
    }
  });

  it('may be behind proxies, by address or range', () => {
    const { trustedProxies } = read({ BOONER_TRUSTED_PROXIES: '10.0.0.0/8' });
    expect(trustedProxies.has('10.1.2.3')).toBe(true);
    expect(read({}).trustedProxies.isEmpty).toBe(true);
    expect(issuesOf({ BOONER_TRUSTED_PROXIES: 'proxy-1' })).toEqual([
      'BOONER_TRUSTED_PROXIES: must list addresses and ranges such as 127.0.0.1 or 10.0.0.0/8, not "proxy-1"',
    ]);
  });
});
