/** Returns the name of a creator: what follows the id of its credential. */
export const creatorName = (subject: string): string => subject.replace(/^\S+ (?=\S)/, '');
