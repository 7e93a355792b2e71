import type { SecretKeys, SecretPut } from '@booner/protocol';
import { MAX_SECRET_BYTES } from '@booner/protocol/limits';
import { compactDecrypt, exportJWK, generateKeyPair } from 'jose';
import { afterEach, expect, it, vi } from 'vitest';
import type { Rest } from './rest.ts';
import { createSecretRequests } from './secret-requests.ts';

/** Largest body that a hub accepts. */
const MAX_BODY_BYTES = 256 * 1024;

afterEach(() => {
  vi.unstubAllGlobals();
});

it('seals a value for each runner, in requests that a hub accepts', async () => {
  const pair = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  const { x: runnerKey = '' } = await exportJWK(pair.publicKey);
  const hosts = Array.from({ length: 50 }, (_, index) => `10.0.0.${index + 1}`);
  const keys = hosts.map((host) => ({ host, runnerKey: host === '10.0.0.7' ? null : runnerKey }));
  const bodies: SecretPut[] = [];
  const rest: Rest = async ({ path, query, body }) => {
    if (path === 'secret-keys') {
      expect(query).toEqual({ selector: 'role=web' });
      return { targets: keys } as SecretKeys;
    }
    expect(path).toBe('secrets/token');
    bodies.push(body as SecretPut);
    return { name: 'token', hosts: (body as SecretPut).targets.map(({ host }) => host) };
  };
  const value = 'ü'.repeat(MAX_SECRET_BYTES / 2);
  const outcome = await createSecretRequests(rest).setSecret('token', value, { selector: 'role=web' });
  expect(outcome.withoutRunner).toEqual(['10.0.0.7']);
  expect(outcome.targets).toEqual(keys.filter((key) => key.runnerKey !== null));

  expect(bodies.length).toBeGreaterThan(1);
  for (const body of bodies) expect(JSON.stringify(body).length).toBeLessThan(MAX_BODY_BYTES);
  const put = bodies.flatMap(({ targets }) => targets);
  expect(put.map(({ host }) => host)).toEqual(outcome.targets.map(({ host }) => host));
  for (const { host, sealed } of put) {
    const { plaintext, protectedHeader } = await compactDecrypt(sealed, pair.privateKey);
    expect(new TextDecoder().decode(plaintext)).toBe(value);
    expect(protectedHeader).toMatchObject({ secret: 'token', host, enc: 'A256GCM' });
  }
});

it('sends nothing from a page that cannot encrypt, and says why', async () => {
  const sent: string[] = [];
  const rest: Rest = async ({ path }) => {
    sent.push(path);
    return { targets: [{ host: '10.0.0.1', runnerKey: 'A'.repeat(43) }] };
  };
  const set = () => createSecretRequests(rest).setSecret('token', 'hunter2', { selector: '*' });
  vi.stubGlobal('crypto', {});
  await expect(set()).rejects.toMatchObject({
    ...{ code: 'cannot_seal', message: expect.stringContaining('HTTPS') },
  });
  expect(sent).toEqual([]);
  const importKey = () => Promise.reject(new DOMException('unknown curve', 'NotSupportedError'));
  vi.stubGlobal('crypto', { subtle: { importKey } });
  await expect(set()).rejects.toMatchObject({
    ...{ code: 'cannot_seal', message: expect.stringContaining('recent browser') },
  });
  expect(sent).toEqual(['secret-keys']);
});
