import { createLogger, runMain, StartError } from '@booner/service';
import { reportToServiceManager } from '@booner/service/service-manager';
import manifest from '../package.json' with { type: 'json' };
import { checkActions } from './check.ts';
import { readRunnerCommand } from './config.ts';
import { runTasks } from './run-tasks.ts';

/** Runs the command line, and ends the process. */
export const runCommand = (): Promise<never> =>
  runMain(
    async ({ signal }) => {
      const command = readRunnerCommand({ env: process.env, argv: process.argv.slice(2) });
      switch (command.type) {
        case 'help':
          process.stdout.write(command.text);
          return;
        case 'version':
          process.stdout.write(`booner-runner ${manifest.version}\n`);
          return;
        case 'check': {
          const { text, ok } = await checkActions(command.directory, command);
          process.stdout.write(text);
          if (!ok) throw new StartError('some actions were refused');
          return;
        }
        case 'run': {
          const { config } = command;
          const logger = await createLogger({ name: 'runner', level: config.logLevel });
          const manager = reportToServiceManager({ env: process.env }, { signal });
          return runTasks({ config, version: manifest.version, logger, manager }, { signal });
        }
        default:
          command satisfies never;
      }
    },
    // A run that may finish takes up to its own time limit.
    { stopDeadlineMs: null },
  );
