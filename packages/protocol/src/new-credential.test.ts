import { expect, it } from 'vitest';
import { credentialSchema } from './access.ts';
import { newCredential } from './new-credential.ts';

const token = {
  kind: 'token',
  name: 'ci',
  role: 'viewer',
  scopes: { hosts: null, actions: null, reads: null },
  expiresAtMs: null,
  createdBy: 'the hub',
} as const;

it('a new credential is named by its own id, and stands for itself', () => {
  const first = newCredential(token);
  expect(credentialSchema.parse(first)).toEqual(first);
  expect(first).toMatchObject({ ...token, subject: 'ci', parentId: null });
  expect(newCredential(token).id).not.toBe(first.id);
});

it('a new credential keeps what it is given', () => {
  const given = {
    ...token,
    kind: 'session',
    subject: 'ada@example.org',
    createdAtMs: 7,
    parentId: 'AAAAAAAAAAAA',
    madeWithoutSignIn: true,
  } as const;
  expect(newCredential(given)).toMatchObject(given);
});
