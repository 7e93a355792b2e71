import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';

/** Adds `booner target remove`. */
export function addTargetRemoveCommand(target: Command, run: Run): void {
  target
    .command('remove')
    .description('forget a host and end its connections at once; its credential is void')
    .argument('<host>', 'the target')
    .addHelpText('after', examples('target remove 10.0.0.2'))
    .action((host: string, _options: object, command: Command) =>
      run(command, (context) => removeTarget(context, host)),
    );
}

/** `booner target remove`. JSON is the answer of `DELETE /targets/:host`. */
function removeTarget(context: Context, host: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const removed = await client.removeTarget(host);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(removed);
    if (!removed.redis.applied && removed.redis.lines.length > 0) {
      terminal.note(
        'This hub may not change the users of Redis: the host can still connect until these are run there, in redis-cli:',
      );
      terminal.note('');
      for (const line of removed.redis.lines) terminal.print(`  ${line}`);
      terminal.note('');
    }
    terminal.note(`${removed.host} is removed. On the host itself, this takes the programs away:`);
    terminal.note('  sudo /opt/booner/current/install.sh --uninstall');
  });
}
