export { aborted, sleep, unlessAborted } from './abort.ts';
export { type BackoffOptions, backoffDelayMs } from './backoff.ts';
export {
  type ConfigCheck,
  ConfigError,
  type ConfigInput,
  type ConfigSpec,
  EX_CONFIG,
  helpText,
  integer,
  oneOf,
  onOff,
  readConfig,
  text,
} from './config.ts';
export { createFailureLog, type FailureKind, type FailureLog, failureKindOf } from './failure-log.ts';
export { createLogger, LOG_LEVELS, type Logger, type LogLevel } from './logger.ts';
export { type LoopOptions, retry, runLoop } from './run-loop.ts';
export { runMain, StartError } from './run-main.ts';
export { Secret } from './secret.ts';
