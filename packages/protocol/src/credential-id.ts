import { newId } from './new-id.ts';

/**
 * Returns a new public id of a credential: 12 random characters of the URL alphabet. Not a secret.
 */
export const newCredentialId = (): string => newId(12);
