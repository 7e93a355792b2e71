import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { hookStateText, hookTargetText, lastDeliveryText } from '../texts/hook-texts.ts';

/** Adds `booner hook list`. */
export function addHookListCommand(hook: Command, run: Run): void {
  hook
    .command('list')
    .description('list hooks, what they start, and what was delivered last')
    .addHelpText('after', examples('hook list', 'hook list --json'))
    .action((_options: object, command: Command) => run(command, listHooks));
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'ACTION', shrinksTo: 8 },
  { title: 'TARGETS', shrinksTo: 8, dispensable: 1 },
  { title: 'LAST', shrinksTo: 10 },
  { title: 'STATE', shrinksTo: 8 },
];

/** Runs `booner hook list`. JSON: the response of `GET /hooks`. */
function listHooks(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const list = await client.listHooks();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(list);
    if (list.hooks.length === 0) {
      return void terminal.note('No hooks. Run `booner hook set --help` to see how to set one.');
    }
    const nowMs = Date.now();
    const rows = list.hooks.map((hook) => [
      safeText(hook.name),
      safeText(hook.hook.action),
      hookTargetText(hook),
      lastDeliveryText(hook, nowMs, terminal),
      hookStateText(hook, terminal),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}
