/** Returns a copy as parsed from JSON, which shares no object with the value. */
export const jsonCopy = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;
