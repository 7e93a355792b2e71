import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

export type InstallerDeps = {
  /** Folder of the packages. */
  readonly directory: string;
  /** The installer's source, which has no checksums of packages. */
  readonly sourceFile: string;
  /** Version of this hub. */
  readonly version: string;
};

/** Returns the text of the script that hosts run. */
export type ReadInstaller = () => Promise<string>;

/**
 * Reads the installer that was built with the packages, which contains their checksums. Without
 * packages, returns the source: it explains on the host that the hub has none.
 */
export const createInstaller =
  ({ directory, sourceFile, version }: InstallerDeps): ReadInstaller =>
  async () => {
    try {
      return await readFile(join(directory, 'install.sh'), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return (await readFile(sourceFile, 'utf8')).replace('@VERSION@', version);
    }
  };
