import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Bundled, the hub is one file, and what it brings along lies in folders beside it. */
const BUNDLED = !import.meta.filename.endsWith('.ts');
const HERE = import.meta.dirname;

/** The built dashboard. */
export const DASHBOARD_DIRECTORY = join(HERE, BUNDLED ? 'dashboard' : '../../../dashboard/dist');
/** Actions that do no harm. */
export const EXAMPLES_DIRECTORY = join(HERE, BUNDLED ? 'examples' : '../../../../examples/actions.d');
/** What hosts install. */
export const PACKAGES_DIRECTORY = join(HERE, BUNDLED ? 'packages' : '../../../../dist/packages');
/** What a host's shell runs to install it. */
export const INSTALLER_FILE = join(HERE, BUNDLED ? 'install.sh' : '../../../../deploy/install.sh');

/** The page of a built dashboard, in its directory. */
export const DASHBOARD_PAGE = 'index.html';

/** Returns true if a directory holds a built dashboard. */
export const hasDashboard = (directory: string): boolean => existsSync(join(directory, DASHBOARD_PAGE));

/** A file of Swagger UI. */
export const swaggerFile = (name: string): string =>
  BUNDLED ? join(HERE, 'swagger-ui', name) : fileURLToPath(import.meta.resolve(`swagger-ui-dist/${name}`));
