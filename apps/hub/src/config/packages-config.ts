import { resolve } from 'node:path';
import { text } from '@booner/service';
import { PACKAGES_DIRECTORY } from './program-files.ts';

/** Settings of the packages that hosts download from a hub. */
export const packageSettings = {
  BOONER_PACKAGES_DIR: text({ maxLength: 4096 })({
    default: undefined,
    desc: 'folder of the packages that hosts install from this hub; default: those built with it',
  }),
};

/** Flags of {@link packageSettings}. */
export const packageFlags = { 'packages-dir': 'BOONER_PACKAGES_DIR' } as const;

/** Maps the values of {@link packageSettings}. */
export const packagesDirectoryOf = (values: { readonly BOONER_PACKAGES_DIR?: string }): string =>
  resolve(values.BOONER_PACKAGES_DIR ?? PACKAGES_DIRECTORY);
