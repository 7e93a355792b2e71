import { runMain } from '@booner/service';
import { runDaemon } from '@booner/service/run-daemon';
import manifest from '../package.json' with { type: 'json' };
import { runAgent } from './agent.ts';
import { readAgentCommand } from './config.ts';
import { takeOneSample } from './once.ts';

/** Executes the command line and ends the process. */
export const runCommand = (): Promise<never> =>
  runMain(async ({ signal }) => {
    const command = readAgentCommand({ env: process.env, argv: process.argv.slice(2) });
    if (command.type === 'once') {
      const sample = await takeOneSample(command.config, { signal });
      if (sample !== null) process.stdout.write(`${JSON.stringify(sample, null, 2)}\n`);
      return;
    }
    await runDaemon({ name: 'agent', version: manifest.version, command, run: runAgent }, { signal });
  });
