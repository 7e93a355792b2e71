import { type Command, Option } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';

export type StatusOptions = {
  readonly watch?: boolean;
  readonly status?: 'active' | 'offline' | 'pending';
};

export function addStatusCommands(program: Command, run: Run): void {
  program
    .command('status')
    .description('the main server and all targets')
    .option('-w, --watch', 'full screen, live; q quits')
    .addOption(
      new Option('--status <status>', 'only these targets').choices(['active', 'offline', 'pending']),
    )
    .addHelpText(
      'after',
      examples('status', 'status --watch', 'status --status offline', 'status --watch --json | jq .targets'),
    )
    .action((options: StatusOptions, command: Command) =>
      run(command, async (context) => {
        if (!options.watch) return (await import('../commands/status.ts')).showStatus(context, options);
        return (await import('../commands/watch-status.ts')).watchStatus(context, options);
      }),
    );
  program
    .command('targets')
    .description('the targets: system, agent, what they are; or one of them in full')
    .argument('[host]', 'one target')
    .addHelpText('after', examples('targets', 'targets 10.0.0.2', 'targets 10.0.0.2 --json'))
    .action((host: string | undefined, _options: object, command: Command) =>
      run(command, async (context) => {
        const { listTargets, showTarget } = await import('../commands/targets.ts');
        return host === undefined ? listTargets(context) : showTarget(context, host);
      }),
    );
  program
    .command('actions')
    .description('what a target offers to run, with the parameters')
    .argument('<host>', 'the target')
    .addHelpText('after', examples('actions 10.0.0.2'))
    .action((host: string, _options: object, command: Command) =>
      run(command, async (context) => (await import('../commands/actions.ts')).listActions(context, host)),
    );
}
