import type { AddTargetOptions } from '../program/target-commands.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';

/** `booner target add`. JSON is the answer of `POST /targets`. */
export function addTarget(
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
