import type { Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import { INSTALLER_FILE } from '../config/program-files.ts';
import type { Feature } from '../feature/feature.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { ollamaRoutes } from './ollama-routes.ts';
import { packageRoutes } from './package-routes.ts';
import { referenceRoutes } from './reference-routes.ts';

export type SiteDeps = {
  readonly config: Pick<HubConfig, 'dashboardDirectory' | 'packagesDirectory' | 'ollamaUrl'>;
  readonly version: string;
  readonly log: Logger;
};

/**
 * Starts the site: the dashboard, the API reference, the files that hosts install, and the list of
 * models that existing dashboards read.
 */
export const startSite = ({ config, version, log }: SiteDeps): Feature => ({
  routes: [
    ...ollamaRoutes({ url: config.ollamaUrl, log }),
    ...referenceRoutes(),
    ...packageRoutes({
      version,
      installerFile: INSTALLER_FILE,
      directory: config.packagesDirectory,
    }),
    ...dashboardRoutes({ version, directory: config.dashboardDirectory }),
  ],
});
