import type { Logger } from '@booner/service';
import type { HubConfig } from '../config/config.ts';
import type { Feature } from '../feature/feature.ts';
import { dashboardRoutes } from './dashboard-routes.ts';
import { ollamaRoutes } from './ollama-routes.ts';
import { referenceRoutes } from './reference-routes.ts';

export type SiteDeps = {
  readonly config: Pick<HubConfig, 'dashboardDirectory' | 'ollamaUrl'>;
  readonly version: string;
  readonly log: Logger;
};

/**
 * Starts the site: the dashboard, the API reference, and the list of models that existing
 * dashboards read.
 */
export const startSite = ({ config, version, log }: SiteDeps): Feature => ({
  routes: [
    ...ollamaRoutes({ url: config.ollamaUrl, log }),
    ...referenceRoutes(),
    ...dashboardRoutes({ version, directory: config.dashboardDirectory }),
  ],
});
