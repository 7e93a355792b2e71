export type { Action, Catalogue, Refusal } from './catalogue/action.ts';
export { readCatalogue } from './catalogue/read-catalogue.ts';
export { DEFAULT_RUN_POLICY, type RunPolicy } from './process/run-policy.ts';
export { findLauncher } from './process/service-launcher.ts';
export { RunnerError, type RunnerErrorCode } from './runner-error.ts';
export { type Runner, type StartRunnerOptions, startRunner } from './start-runner.ts';
