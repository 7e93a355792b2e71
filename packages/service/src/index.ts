export { aborted, sleep, timeoutSignal, unlessAborted } from './abort.ts';
export { Alarm } from './alarm.ts';
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
export { createPacer, type Pacer } from './pacer.ts';
export { retry, runLoop } from './run-loop.ts';
export { runMain, StartError } from './run-main.ts';
export { Secret } from './secret.ts';
