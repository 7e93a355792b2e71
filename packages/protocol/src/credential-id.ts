import { newId } from './new-id.ts';

/** A new public name of a credential: 12 random characters of the URL alphabet. It proves nothing. */
export const newCredentialId = (): string => newId(12);
