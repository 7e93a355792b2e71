import { type AppDeps, createApp } from '../http/app.ts';
import { allowAll } from './allow-all.ts';
import { recordingLog } from './recording-log.ts';

/** The app of a hub with some routes, without access limits by default. */
export const createTestApp = (deps: Partial<AppDeps> & Pick<AppDeps, 'routes'>) =>
  createApp({
    version: '0.0.0',
    access: { allowedOrigins: [], hostNames: [] },
    log: recordingLog().log,
    authorize: allowAll,
    ...deps,
  });
