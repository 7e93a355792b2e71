import type { Credential } from '@booner/protocol';
import { expect, it } from 'vitest';
import {
  ANYBODY,
  auditSubject,
  isMadeWithoutSignIn,
  lastingCredentialId,
  madeBy,
  principalOfCredential,
} from './principal.ts';

const token: Credential = {
  id: 'token-------',
  kind: 'token',
  name: 'anybody',
  role: 'admin',
  scopes: { hosts: null, actions: null, reads: null },
  subject: 'anybody',
  createdAtMs: 1,
  expiresAtMs: null,
  createdBy: 'the hub',
  parentId: null,
};
const session: Credential = { ...token, id: 'session-----', kind: 'session' };

it('what is made lives with the token behind it, or else with the session itself', () => {
  const lasting = (credential: Credential) => lastingCredentialId(principalOfCredential(credential));
  expect(lasting(token)).toBe(token.id);
  expect(lasting({ ...session, parentId: token.id })).toBe(token.id);
  expect(lasting(session)).toBe(session.id); // of an identity provider
  expect(lastingCredentialId(ANYBODY)).toBeNull();
});

it('a subject begins with the id of the token or session that lasts, whatever the name imitates', () => {
  const imitation = { ...token, subject: 'session----- ada@example.org' };
  expect(auditSubject(imitation)).toBe('token------- session----- ada@example.org');
  expect(auditSubject({ ...session, parentId: token.id, subject: 'ada' })).toBe('token------- ada');
  expect(auditSubject({ ...session, subject: 'ada@example.org' })).toBe('session----- ada@example.org');
  expect(auditSubject({ ...token, subject: 'x'.repeat(320) })).toHaveLength(320);
});

it('a name says that nobody had to sign in only where nothing else does', () => {
  const made = { ...token, ...madeBy(principalOfCredential(token)) };
  expect([made.createdBy, isMadeWithoutSignIn(made)]).toEqual(['token------- anybody', false]);
  expect(isMadeWithoutSignIn({ ...token, ...madeBy(ANYBODY) })).toBe(true);
  expect(isMadeWithoutSignIn({ ...token, createdBy: 'anybody' })).toBe(true);
  expect(isMadeWithoutSignIn(token)).toBe(false);
});
