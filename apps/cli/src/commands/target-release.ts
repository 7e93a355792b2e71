import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';

/** Adds `booner target release`. */
export function addTargetReleaseCommand(target: Command, run: Run): void {
  target
    .command('release')
    .description('release a host from quarantine, so that it can connect again')
    .argument('<host>', 'target to release')
    .addHelpText('after', examples('target release 10.0.0.2'))
    .action((host: string, _options: object, command: Command) =>
      run(command, (context) => releaseTarget(context, host)),
    );
}

/** Runs `booner target release`. JSON: the response of `POST /targets/:host/release`. */
function releaseTarget(context: Context, host: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const released = await client.releaseTarget(host);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(released);
    if (!released.redis.applied && released.redis.lines.length > 0) {
      terminal.note(
        'This hub is not allowed to manage Redis users. If you removed those of the host, run these commands in redis-cli:',
      );
      terminal.note('');
      for (const line of released.redis.lines) terminal.print(`  ${line}`);
      terminal.note('');
    }
    terminal.note(`Released ${released.host}. If it floods Redis again, it is quarantined again.`);
  });
}
