import type { Credential } from './access.ts';
import { newCredentialId } from './credential-id.ts';

/** Fields of a new credential. By default its subject is its name, and it has no parent. */
export type CredentialToMake = Omit<Credential, 'id' | 'createdAtMs' | 'subject' | 'parentId'> &
  Partial<Pick<Credential, 'createdAtMs' | 'subject' | 'parentId'>>;

/** Returns a credential with a new id, by default created now. */
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
