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
    .description('add a host: print the command to run on it, valid once within 15 minutes')
    .argument('<host>', 'address or name that identifies the host')
    .option('--label <text>', 'description of the host')
    .option('--enable-tasks', 'also install the runner, which runs actions')
    .option('--replace', 'enrol the host again and invalidate its current credentials')
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

/** Returns true for a URL that leads each machine to itself. */
const isOnlyLocal = (url: string): boolean => /^(localhost|127\..*|\[::1\])$/.test(new URL(url).hostname);

/**
 * Runs `booner target add`. JSON: the response of `POST /targets`. If this program has release
 * keys, the hub's installer must be signed with one of them.
 */
function addTarget(
  context: Context,
  host: string,
  { label, enableTasks, replace }: AddTargetOptions,
): Promise<undefined> {
  return withHub(context, async (client, hub) => {
    const { readSignedInstaller, signedCommand } = await import('./signed-installer.ts');
    const withTasks = enableTasks === true;
    const signed = await readSignedInstaller(hub.url);
    const added = await client.addTarget({
      host,
      label,
      withTasks,
      ...(replace === true ? { replace } : {}), // an older hub rejects it
    });
    const command = signed === null ? added.command : signedCommand(signed, added, withTasks);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ ...added, command });
    const { redis, expiresAtMs, installerSha256 } = added;
    if (!redis.applied && redis.users.length > 0) {
      terminal.note('This hub is not allowed to manage Redis users. First, run these commands in redis-cli:');
      terminal.note('');
      for (const line of redis.users) terminal.note(`  ${line}`);
      terminal.note('');
    }
    terminal.note(
      `Run this command on ${added.host}. It works once and expires ${whenText(expiresAtMs, Date.now())}:`,
    );
    terminal.note('');
    terminal.print(command);
    terminal.note(
      signed === null
        ? `\nIt runs install.sh only with this SHA-256: ${installerSha256}`
        : `\nIt installs version ${signed.version}, signed with your release key.`,
    );
    if (isOnlyLocal(added.hubUrl))
      terminal.note(
        `\nOther hosts cannot reach ${added.hubUrl.replace(/\/$/, '')}. For them, let the hub listen on an address of its network (HOST), set BOONER_PUBLIC_URL to its URL there, and run this again.`,
      );
    if (enableTasks !== true)
      terminal.note('\nThe host will not run actions. To install the runner too, pass --enable-tasks.');
  });
}
