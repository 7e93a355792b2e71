import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ConfigError } from '@booner/service';
import { describe, expect, it } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const WHOLE = {
  BOONER_OIDC_ISSUER: 'https://id.example.org/realms/ops',
  BOONER_OIDC_CLIENT_ID: 'booner',
  BOONER_OIDC_ROLES: 'admin=ops-admins, operator=dev,operator=a=b ,viewer=*',
};

const read = (env: Record<string, string>) => (readHubConfig({ env, argv: [] }) as HubConfig).oidc;
const issuesOf = (env: Record<string, string>): readonly string[] => {
  try {
    read(env);
    return [];
  } catch (error) {
    return (error as ConfigError).issues;
  }
};

describe('settings of the identity provider', () => {
  it('name the provider and the roles of its groups', () => {
    expect(read({})).toBeNull();
    expect(read(WHOLE)).toEqual({
      issuer: new URL(WHOLE.BOONER_OIDC_ISSUER),
      clientId: 'booner',
      clientSecret: null,
      roles: [
        { role: 'admin', group: 'ops-admins' },
        { role: 'operator', group: 'dev' },
        { role: 'operator', group: 'a=b' },
        { role: 'viewer', group: '*' },
      ],
      groupsClaim: 'groups',
      label: 'id.example.org',
    });
  });

  it('read the secret from a file, and never print it', () => {
    const directory = mkdtempSync(join(tmpdir(), 'booner-oidc-'));
    try {
      const path = join(directory, 'secret');
      writeFileSync(path, 'hunter2\n');
      const oidc = read({ ...WHOLE, BOONER_OIDC_CLIENT_SECRET_FILE: path });
      expect(oidc?.clientSecret?.reveal()).toBe('hunter2');
      expect(JSON.stringify(oidc)).not.toContain('hunter2');
    } finally {
      rmSync(directory, { recursive: true });
    }
  });

  it.each([
    [{ BOONER_OIDC_ISSUER: 'http://id.example.org' }, /^BOONER_OIDC_ISSUER: must be an https URL/],
    [{ BOONER_OIDC_ISSUER: 'id.example.org' }, /^BOONER_OIDC_ISSUER: must be the URL/],
    [{ BOONER_OIDC_ISSUER: 'https://user:secret@id.example.org' }, /^BOONER_OIDC_ISSUER: must be the URL/],
    [{ BOONER_OIDC_ROLES: 'root=ops' }, /^BOONER_OIDC_ROLES: must list ROLE=GROUP .*"root=ops"/],
    [{ BOONER_OIDC_ROLES: 'admin' }, /^BOONER_OIDC_ROLES: must list/],
    [{ BOONER_OIDC_ROLES: 'admin=' }, /^BOONER_OIDC_ROLES: must list/],
    [{ BOONER_OIDC_ROLES: '' }, /^BOONER_OIDC_ROLES: required/],
    [{ BOONER_OIDC_CLIENT_ID: '' }, /^BOONER_OIDC_CLIENT_ID: required/],
    [{ BOONER_OIDC_CLIENT_SECRET_FILE: '/does/not/exist' }, /^BOONER_OIDC_CLIENT_SECRET_FILE: .*ENOENT/],
  ])('are rejected with the issue: %j', (env, issue) => {
    expect(issuesOf({ ...WHOLE, ...env })).toEqual([expect.stringMatching(issue)]);
    expect(issuesOf({ ...WHOLE, ...env }).join()).not.toContain('user:secret');
  });

  it.each(['http://127.0.0.1:3000', 'http://localhost:3000/', 'http://[::1]:3000'])(
    'allow %s, which is on this machine',
    (issuer) =>
      expect(read({ ...WHOLE, BOONER_OIDC_ISSUER: issuer })?.issuer.href).toBe(new URL(issuer).href),
  );

  it('are rejected if the provider is missing', () => {
    expect(issuesOf({ BOONER_OIDC_LABEL: 'Example' })).toEqual([
      'BOONER_OIDC_ISSUER, BOONER_OIDC_CLIENT_ID, BOONER_OIDC_ROLES: required with BOONER_OIDC_LABEL',
    ]);
  });
});
