import { nanoid } from 'nanoid';

/** A random id of one start of one process, so that two processes that claim one identity can be told apart. */
export const newInstanceId = (): string => nanoid(12);
