export type { Action, Catalogue, Refusal } from './catalogue/action.ts';
export { readCatalogue } from './catalogue/read-catalogue.ts';
export { connectToLauncher } from './launch/connect-to-launcher.ts';
export { serveLauncher } from './launch/serve-launcher.ts';
export { DEFAULT_RUN_POLICY, type RunPolicy } from './process/run-policy.ts';
export { findLauncher, findServiceLauncher } from './process/service-launcher.ts';
export { createLocalActions } from './run/local-actions.ts';
export { RunnerError, type RunnerErrorCode } from './runner-error.ts';
export { type Runner, type StartRunnerOptions, startRunner } from './start-runner.ts';
