import type { Credential } from './access.ts';
import { newCredentialId } from './credential-id.ts';

/** What a new credential must say. By default its subject is its name, and it has no parent. */
export type CredentialToMake = Omit<Credential, 'id' | 'createdAtMs' | 'subject' | 'parentId'> &
  Partial<Pick<Credential, 'createdAtMs' | 'subject' | 'parentId'>>;

/** Returns a credential with an id of its own, by default created now. */
export const newCredential = ({
  kind,
  name,
  role,
  scopes,
  subject = name,
  createdAtMs = Date.now(),
  expiresAtMs,
  parentId = null,
  ...creator
}: CredentialToMake): Credential => ({
  id: newCredentialId(),
  kind,
  name,
  role,
  scopes,
  subject,
  createdAtMs,
  expiresAtMs,
  ...creator,
  parentId,
});
