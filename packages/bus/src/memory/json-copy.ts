/** A value as a reader of its JSON text gets it: what the reader changes, nobody else sees. */
export const jsonCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
