import { createLogger, type Logger, type LogLevel } from './logger.ts';
import { reportToServiceManager, type ServiceManager } from './service-manager.ts';

/** The parsed command line of a daemon. */
export type DaemonCommand<Config> =
  | { readonly type: 'help'; readonly text: string }
  | { readonly type: 'version' }
  | { readonly type: 'run'; readonly config: Config };

export type DaemonContext<Config> = {
  readonly config: Config;
  /** Version of the daemon's own package. */
  readonly version: string;
  readonly logger: Logger;
  readonly manager: ServiceManager;
};

export type DaemonOptions<Config> = {
  /** `agent` for the program `booner-agent`. Also names the logger. */
  readonly name: string;
  readonly version: string;
  readonly command: DaemonCommand<Config>;
  /** Runs until the signal aborts. */
  readonly run: (context: DaemonContext<Config>, options: { readonly signal: AbortSignal }) => Promise<void>;
};

/** Executes the command of a daemon: prints the help or the version, or runs with a logger. */
export async function runDaemon<Config extends { readonly logLevel: LogLevel }>(
  { name, version, command, run }: DaemonOptions<Config>,
  { signal }: { readonly signal: AbortSignal },
): Promise<void> {
  switch (command.type) {
    case 'help':
      process.stdout.write(command.text);
      return;
    case 'version':
      process.stdout.write(`booner-${name} ${version}\n`);
      return;
    case 'run': {
      const { config } = command;
      const logger = await createLogger({ name, level: config.logLevel });
      const manager = reportToServiceManager({ env: process.env }, { signal });
      return run({ config, version, logger, manager }, { signal });
    }
    default:
      command satisfies never;
  }
}
