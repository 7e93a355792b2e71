import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A bundled hub is one file with folders beside it. */
const BUNDLED = !import.meta.filename.endsWith('.ts');
const HERE = import.meta.dirname;

/** Returns the folder for what the hub keeps. @param given the one that was set, if it was */
export const stateDirectoryOf = (given: string | undefined): string =>
  resolve(given ?? (BUNDLED ? '/var/lib/booner' : join(HERE, '../../../../.booner')));

/** Folder of the built dashboard. */
export const DASHBOARD_DIRECTORY = join(HERE, BUNDLED ? 'dashboard' : '../../../dashboard/dist');
/** Folder of harmless example actions. */
export const EXAMPLES_DIRECTORY = join(HERE, BUNDLED ? 'examples' : '../../../../examples/actions.d');
/** Folder of the packages that hosts install. */
export const PACKAGES_DIRECTORY = join(HERE, BUNDLED ? 'packages' : '../../../../dist/packages');
/** Shell script that installs a host. */
export const INSTALLER_FILE = join(HERE, BUNDLED ? 'install.sh' : '../../../../deploy/install.sh');

/** Page of a built dashboard, in its folder. */
export const DASHBOARD_PAGE = 'index.html';

/** Returns true if a folder contains a built dashboard. */
export const hasDashboard = (directory: string): boolean => existsSync(join(directory, DASHBOARD_PAGE));

/** Returns the path of a file of Swagger UI. */
export const swaggerFile = (name: string): string =>
  BUNDLED ? join(HERE, 'swagger-ui', name) : fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
