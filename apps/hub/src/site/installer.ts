import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { INSTALLER_FILE } from '../config/program-files.ts';

export type InstallerDeps = {
  /** Folder of the packages. */
  readonly packagesDirectory: string;
  /** The installer's source, which has no checksums of packages. Default: this program's. */
  readonly sourceFile?: string;
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
  ({ packagesDirectory, sourceFile = INSTALLER_FILE, version }: InstallerDeps): ReadInstaller =>
  async () => {
    try {
      return await readFile(join(packagesDirectory, 'install.sh'), 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return (await readFile(sourceFile, 'utf8')).replace('@VERSION@', version);
    }
  };
