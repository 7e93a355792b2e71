import { runMain } from '@booner/service';
import { runDaemon } from '@booner/service/run-daemon';
import manifest from '../../package.json' with { type: 'json' };
import { readLauncherCommand } from './config.ts';
import { runLauncher } from './run-launcher.ts';

/** Executes the command line and ends the process. */
export const launcherCommand = (): Promise<never> =>
  runMain(
    async ({ signal }) => {
      const command = readLauncherCommand({ env: process.env, argv: process.argv.slice(2) });
      await runDaemon({ name: 'launcher', version: manifest.version, command, run: runLauncher }, { signal });
    },
    // Ending the processes of a run takes its time.
    { stopDeadlineMs: null },
  );
