import { nanoid } from 'nanoid';

/**
 * Returns a random id of the URL alphabet for use in commands. It never begins with a dash, which a
 * command line would take for an option.
 * @param length in characters of 6 bits each; default 21
 */
export const newId = (length?: number): string => nanoid(length).replace(/^-/, '_');
