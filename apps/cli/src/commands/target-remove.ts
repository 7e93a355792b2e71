import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';

/** Adds `booner target remove`. */
export function addTargetRemoveCommand(target: Command, run: Run): void {
  target
    .command('remove')
    .description('remove a host, end its connections and invalidate its credentials')
    .argument('<host>', 'target to remove')
    .addHelpText('after', examples('target remove 10.0.0.2'))
    .action((host: string, _options: object, command: Command) =>
      run(command, (context) => removeTarget(context, host)),
    );
}

/** Runs `booner target remove`. JSON: the response of `DELETE /targets/:host`. */
function removeTarget(context: Context, host: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const removed = await client.removeTarget(host);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(removed);
    if (!removed.redis.applied && removed.redis.lines.length > 0) {
      terminal.note(
        'This hub is not allowed to manage Redis users. The host can still connect until you run these commands in redis-cli:',
      );
      terminal.note('');
      for (const line of removed.redis.lines) terminal.print(`  ${line}`);
      terminal.note('');
    }
    terminal.note(`Removed ${removed.host}. To uninstall Booner there, run this command on the host:`);
    terminal.note('  sudo /opt/booner/current/install.sh --uninstall');
  });
}
