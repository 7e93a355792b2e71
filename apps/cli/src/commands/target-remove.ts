import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';

/** `booner target remove`. JSON is the answer of `DELETE /targets/:host`. */
export function removeTarget(context: Context, host: string): Promise<undefined> {
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
