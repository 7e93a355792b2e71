import { ALL_SCOPES, type Credential, type NewAuditEntry, newCredentialId } from '@booner/protocol';
import { newSecret } from '../../secrets.ts';

/** A credential as a hub makes it. */
export const makeCredential = (given: Partial<Credential> = {}): Credential => ({
  id: newCredentialId(),
  kind: 'token',
  name: 'ci',
  role: 'operator',
  scopes: ALL_SCOPES,
  subject: 'ci',
  createdAtMs: 1_750_000_000_000,
  expiresAtMs: null,
  createdBy: 'first start',
  parentId: null,
  ...given,
});

export const makeHash = () => newSecret('bnr_').hash;

export const makeAuditEntry = (given: Partial<NewAuditEntry> = {}): NewAuditEntry => ({
  atMs: 1_750_000_000_000,
  subject: 'ci',
  credentialId: newCredentialId(),
  address: '10.0.0.9',
  verb: 'task.create',
  target: '10.0.0.2',
  detail: 'game.deploy',
  verdict: 'allowed',
  ...given,
});
