import { readFileSync } from 'node:fs';

/**
 * Returns the text of a Lua script.
 * @param path below `src/redis`, without `.lua`. Bundles hold the texts of all scripts: for them
 * `scripts/package/bundle.mjs` replaces this module.
 */
export const luaText = (path: string): string =>
  readFileSync(new URL(`../${path}.lua`, import.meta.url), 'utf8');
