import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { deliveryText, hookStateText, hookTargetText } from '../texts/hook-texts.ts';
import { paramFacts, printFacts } from '../texts/print-facts.ts';

/** Adds `booner hook show`. */
export function addHookShowCommand(hook: Command, run: Run): void {
  hook
    .command('show')
    .description('show a hook and its last deliveries')
    .argument('<name>', 'name from `booner hook list`')
    .addHelpText('after', examples('hook show deploy-web'))
    .action((name: string, _options: object, command: Command) =>
      run(command, (context) => showHook(context, name)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'AT' },
  { title: 'RESULT' },
  { title: 'ROLLOUT' },
  { title: 'DELIVERY', shrinksTo: 8, dispensable: 1 },
  { title: 'DETAIL', shrinksTo: 10 },
];

/** Runs `booner hook show`. JSON: the response of `GET /hooks/:name`. */
function showHook(context: Context, name: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const shown = await client.readHook(name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(shown);
    const { hook, createdBy } = shown;
    printFacts(terminal, [
      ['hook', safeText(shown.name)],
      ['state', hookStateText(shown, terminal)],
      ['action', safeText(hook.action)],
      ...paramFacts(hook.params),
      ...Object.entries(hook.fields).map(([field, place]) => [`field ${field}`, safeText(place)] as const),
      ...Object.entries(hook.when).map(
        ([place, value]) => [`when ${safeText(place)}`, safeText(JSON.stringify(value))] as const,
      ),
      ['targets', hookTargetText(shown)],
      ['auth', hook.auth],
      ['batches', hook.batches.join(', ')],
      ['max failures', hook.maxFailures],
      ['set by', createdBy === null ? null : safeText(createdBy)],
      ['set', timeText(shown.changedAtMs)],
      ['key since', timeText(shown.keyAtMs)],
    ]);
    if (shown.deliveries.length === 0) return;
    const rows = shown.deliveries.map((delivery) => [
      timeText(delivery.atMs),
      deliveryText(delivery, terminal),
      delivery.rolloutId ?? '',
      safeText(delivery.id),
      safeText(delivery.detail ?? ''),
    ]);
    terminal.print('', 'Last deliveries:', ...renderTable(COLUMNS, rows, terminal));
    if (shown.deliveries.some(({ rolloutId }) => rolloutId !== null))
      terminal.note('Run `booner rollout show ROLLOUT` to see the targets of a delivery.');
  });
}
