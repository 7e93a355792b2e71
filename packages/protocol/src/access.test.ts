import { describe, expect, it } from 'vitest';
import { credentialIdSchema, credentialNameSchema, parseSha256 } from './access.ts';
import { newLinkSchema, newTokenSchema, signInSchema } from './access-http.ts';
import { newCredentialId } from './credential-id.ts';
import { newTargetSchema } from './enrolment.ts';
import { highestRole, includesRole, ROLES } from './roles.ts';
import { CREDENTIAL_PREFIX, isSecretText, TICKET_PREFIX } from './secret-texts.ts';

describe('roles', () => {
  it('each allow what those before them do', () => {
    const allowed = ROLES.map((role) => ROLES.filter((needed) => includesRole(role, needed)));
    expect(allowed).toEqual([['viewer'], ['viewer', 'operator'], ['viewer', 'operator', 'admin']]);
  });

  it('have a highest one', () => {
    expect(highestRole(['viewer', 'admin', 'operator'])).toBe('admin');
    expect(highestRole(new Set(['viewer', 'operator'] as const))).toBe('operator');
    expect(highestRole([])).toBeNull();
  });
});

describe('texts of secrets', () => {
  const random = 'aZ09_-'.padEnd(43, 'x');

  it('have their prefix and 43 characters', () => {
    expect(isSecretText(`bnr_${random}`, CREDENTIAL_PREFIX)).toBe(true);
    expect(isSecretText(`ticket.${random}`, TICKET_PREFIX)).toBe(true);
    expect(signInSchema.safeParse({ token: `bnr_${random}` }).success).toBe(true);
  });

  it.each([
    random,
    `bne_${random}`,
    `bnr_${random}x`,
    `bnr_${random.slice(1)}`,
    `bnr_${random}\n`,
    ` bnr_${random}`,
    '',
  ])('%j is not a token', (text) => {
    expect(isSecretText(text, CREDENTIAL_PREFIX)).toBe(false);
    expect(signInSchema.safeParse({ token: text }).success).toBe(false);
  });

  it('are known by a SHA-256 in lower case', () => {
    expect(parseSha256('0f'.repeat(32))).toBe('0f'.repeat(32));
    for (const text of ['0F'.repeat(32), '0f'.repeat(31), `${'0f'.repeat(32)}\n`])
      expect(parseSha256(text)).toBeNull();
  });
});

describe('what an admin asks for', () => {
  it('is a token for everything that expires after 90 days, when nothing else is said', () => {
    expect(newTokenSchema.parse({ name: ' ci ', role: 'operator' })).toEqual({
      name: 'ci',
      role: 'operator',
      hosts: null,
      actions: null,
      reads: null,
      expiresInDays: 90,
    });
  });

  it.each([
    { name: 'ci' },
    { name: '', role: 'viewer' },
    { name: 'a\u001bb', role: 'viewer' },
    { name: 'ci', role: 'root' },
    { name: 'ci', role: 'viewer', hosts: ['*'] },
    { name: 'ci', role: 'viewer', actions: ['Rm -rf'] },
    { name: 'ci', role: 'viewer', reads: 'role=' },
    { name: 'ci', role: 'viewer', reads: 'os=linux' },
    { name: 'ci', role: 'viewer', expiresInDays: 0 },
    { name: 'ci', role: 'viewer', extra: 1 },
  ])('rejects the new token %j', (body) => expect(newTokenSchema.safeParse(body).success).toBe(false));

  it('rejects a link with a misspelt limit, which would otherwise be none', () => {
    const scopes = { hosts: null, actions: null };
    expect(newLinkSchema.safeParse({ scopes }).success).toBe(true);
    expect(newLinkSchema.safeParse({ scopes: { ...scopes, read: 'role=db' } }).success).toBe(false);
  });

  it.each(['*', 'a b', '../x', 'a'.repeat(300), 'UPPER'])('rejects the new target %j', (host) =>
    expect(newTargetSchema.safeParse({ host }).success).toBe(false),
  );

  it('has a name without what would deface a log', () => {
    expect(credentialNameSchema.safeParse('Überlingen, CI #2').success).toBe(true);
    for (const name of ['a\nb', 'a\u202eb', 'a\u2028b', 'x'.repeat(101), '  ']) {
      expect(credentialNameSchema.safeParse(name).success).toBe(false);
    }
  });

  it('has an id that is as it should be', () => {
    expect(credentialIdSchema.safeParse(newCredentialId()).success).toBe(true);
  });
});
