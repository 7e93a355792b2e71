import { runMain, StartError } from '@booner/service';
import { runDaemon } from '@booner/service/run-daemon';
import manifest from '../package.json' with { type: 'json' };
import { checkActions } from './check.ts';
import { readRunnerCommand } from './config.ts';
import { runTasks } from './run-tasks.ts';

/** Executes the command line and ends the process. */
export const runCommand = (): Promise<never> =>
  runMain(
    async ({ signal }) => {
      const command = readRunnerCommand({ env: process.env, argv: process.argv.slice(2) });
      if (command.type === 'check') {
        const { text, ok } = await checkActions(command.directory, command);
        process.stdout.write(text);
        if (!ok) throw new StartError('some actions were refused');
        return;
      }
      await runDaemon({ name: 'runner', version: manifest.version, command, run: runTasks }, { signal });
    },
    // A run that may finish takes up to its own time limit.
    { stopDeadlineMs: null },
  );
