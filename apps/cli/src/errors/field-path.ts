/**
 * Converts a JSON pointer (RFC 6901) to a path as people write it: `/config/env/0` to
 * `config.env.0`. Empty for the whole value.
 */
export const fieldPath = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .join('.');
