import type { Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import type { ReadInstaller } from './installer.ts';
import { ollamaRoutes } from './ollama-routes.ts';
import { packageRoutes } from './package-routes.ts';
import { referenceRoutes } from './reference-routes.ts';

export type SiteDeps = {
  readonly config: Pick<HubConfig, 'dashboardDirectory' | 'packagesDirectory' | 'ollamaUrl'>;
  readonly installer: ReadInstaller;
  readonly version: string;
  readonly log: Logger;
};

/**
 * Starts the site: the dashboard, the API reference, the files that hosts install, and the list of
 * models that existing dashboards read.
 */
export const startSite = ({ config, installer, version, log }: SiteDeps): Feature => ({
  routes: [
    ...ollamaRoutes({ url: config.ollamaUrl, log }),
    ...referenceRoutes(),
    ...packageRoutes({ installer, directory: config.packagesDirectory }),
    ...dashboardRoutes({ version, directory: config.dashboardDirectory }),
  ],
});
