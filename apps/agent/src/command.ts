import { createLogger, runMain } from '@booner/service';
import { reportToServiceManager } from '@booner/service/service-manager';
import manifest from '../package.json' with { type: 'json' };
import { runAgent } from './agent.ts';
import { readAgentCommand } from './config.ts';
import { takeOneSample } from './once.ts';

/** Does what the command line says, and ends the process. */
export const runCommand = (): Promise<never> =>
  runMain(async ({ signal }) => {
    const command = readAgentCommand({ env: process.env, argv: process.argv.slice(2) });
    switch (command.type) {
      case 'help':
        process.stdout.write(command.text);
        return;
      case 'version':
        process.stdout.write(`booner-agent ${manifest.version}\n`);
        return;
      case 'once': {
        const sample = await takeOneSample(command.config, { signal });
        if (sample !== null) process.stdout.write(`${JSON.stringify(sample, null, 2)}\n`);
        return;
      }
      case 'run': {
        const { config } = command;
        const logger = await createLogger({ name: 'agent', level: config.logLevel });
        const manager = reportToServiceManager({ env: process.env }, { signal });
        return runAgent({ config, version: manifest.version, logger, manager }, { signal });
      }
      default:
        command satisfies never;
    }
  });
