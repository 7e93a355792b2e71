import { nanoid } from 'nanoid';

/**
 * Makes a random id of the URL alphabet that people type into commands: it never begins with a dash, which a command line takes for an
 * option.
 * @param length in characters of 6 bits each; default 21
 */
export const newId = (length?: number): string => nanoid(length).replace(/^-/, '_');
