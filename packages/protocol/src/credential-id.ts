import { nanoid } from 'nanoid';

/** A new public name of a credential: 12 random characters of the URL alphabet. It proves nothing. */
export const newCredentialId = (): string => nanoid(12);
