import type { AccessBus } from '@booner/bus';
import { newSecret } from '@booner/bus/secrets';
import { ALL_SCOPES, CREDENTIAL_PREFIX, type Credential, newCredential } from '@booner/protocol';

/** For tests: puts a credential on a bus. @returns its text */
export async function putCredential(
  bus: Pick<AccessBus, 'putCredential'>,
  changes: Partial<Credential> = {},
): Promise<{ readonly text: string; readonly credential: Credential }> {
  const { text, hash } = newSecret(CREDENTIAL_PREFIX);
  const credential: Credential = {
    ...newCredential({
      kind: 'token',
      name: 'test',
      role: 'viewer',
      scopes: ALL_SCOPES,
      expiresAtMs: null,
      createdBy: 'a test',
    }),
    ...changes,
  };
  await bus.putCredential(hash, credential);
  return { text, credential };
}
