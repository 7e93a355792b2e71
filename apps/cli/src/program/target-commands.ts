import { type Command, InvalidArgumentError } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';

export type AddTargetOptions = {
  readonly label?: string;
  readonly enableTasks?: boolean;
  readonly replace?: boolean;
};
export type UpgradeOptions = {
  readonly all?: boolean;
  readonly to?: string;
  readonly continueOnError?: boolean;
  /** Seconds a host has to come back in. */
  readonly timeout: number;
};

export function addTargetCommands(program: Command, run: Run): void {
  const target = program.command('target').description('add, remove and upgrade targets');
  target
    .command('add')
    .description('let a host join: prints the one line to paste there, good once for 15 minutes')
    .argument('<host>', 'address or name under which the fleet knows the host')
    .option('--label <text>', 'what the host is, in your words')
    .option('--enable-tasks', 'install its runner too, which runs actions')
    .option('--replace', 'enrol a host anew that is enrolled already: its credentials of now end')
    .addHelpText(
      'after',
      examples(
        'target add 10.0.0.2 --label "game server"',
        'target add 10.0.0.3 --enable-tasks',
        'target add 10.0.0.3 --enable-tasks --replace',
      ),
    )
    .action((host: string, options: AddTargetOptions, command: Command) =>
      run(command, async (context) =>
        (await import('../commands/target-add.ts')).addTarget(context, host, options),
      ),
    );
  target
    .command('remove')
    .description('forget a host and end its connections at once; its credential is void')
    .argument('<host>', 'the target')
    .addHelpText('after', examples('target remove 10.0.0.2'))
    .action((host: string, _options: object, command: Command) =>
      run(command, async (context) =>
        (await import('../commands/target-remove.ts')).removeTarget(context, host),
      ),
    );
  target
    .command('upgrade')
    .description('bring hosts to another version, one after the other, each checked before the next')
    .argument('[host...]', 'the targets')
    .option('--all', 'all that are behind')
    .option('--to <version>', "the version; default: the hub's own")
    .option('--continue-on-error', 'go on with the next host when one fails')
    .option('--timeout <seconds>', 'how long a host may take to be back', wholeSeconds, 180)
    .addHelpText('after', examples('target upgrade 10.0.0.2', 'target upgrade --all --to 0.2.0'))
    .action((hosts: readonly string[], options: UpgradeOptions, command: Command) =>
      run(command, async (context) =>
        (await import('../commands/target-upgrade.ts')).upgradeTargets(context, hosts, options),
      ),
    );
}

function wholeSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('must be a whole number of seconds from 1 to 86400.');
  }
  return seconds;
}
