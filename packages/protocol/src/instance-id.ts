import { nanoid } from 'nanoid';

/**
 * Returns a random id for one start of a process. It distinguishes two processes that claim one
 * identity.
 */
export const newInstanceId = (): string => nanoid(12);
