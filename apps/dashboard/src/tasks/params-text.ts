import type { JsonObject } from '@booner/protocol';

/** Returns parameters in one line, `seconds=300 slot=blue`; empty if there are none. */
export const paramsText = (params: JsonObject): string =>
  Object.entries(params)
    .map(([name, value]) => `${name}=${spell(value)}`)
    .join(' ');

function spell(value: unknown): string {
  if (value === '[redacted]') return '•••';
  // Spaces would make two values of one.
  return typeof value === 'string' && /^\S+$/.test(value) ? value : JSON.stringify(value);
}
