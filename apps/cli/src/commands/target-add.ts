import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';

type AddTargetOptions = {
  readonly label?: string;
  readonly enableTasks?: boolean;
  readonly replace?: boolean;
};

/** Adds `booner target add`. */
export function addTargetAddCommand(target: Command, run: Run): void {
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
      run(command, (context) => addTarget(context, host, options)),
    );
}

/** `booner target add`. JSON is the answer of `POST /targets`. */
function addTarget(
  context: Context,
  host: string,
  { label, enableTasks, replace }: AddTargetOptions,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const added = await client.addTarget({
      host,
      label,
      withTasks: enableTasks === true,
      ...(replace === true ? { replace } : {}), // an older hub does not know it
    });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(added);
    const { redis, command, expiresAtMs } = added;
    if (!redis.applied && redis.users.length > 0) {
      terminal.note('This hub may not change the users of Redis. Run these at Redis first, in redis-cli:');
      terminal.note('');
      for (const line of redis.users) terminal.note(`  ${line}`);
      terminal.note('');
    }
    terminal.note(
      `Run this on ${added.host}; it is good once, and ends ${whenText(expiresAtMs, Date.now())}:`,
    );
    terminal.note('');
    terminal.print(command);
    if (enableTasks !== true)
      terminal.note('\nIt will report, and run nothing: --enable-tasks installs the runner too.');
  });
}
