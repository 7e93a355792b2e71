import type { Command } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

type DeliveriesOptions = { readonly limit: number };

/** Adds `booner alert deliveries`. */
export function addAlertDeliveriesCommand(alert: Command, run: Run): void {
  alert
    .command('deliveries')
    .description('list the notifications that have not been delivered, and why')
    .option('-n, --limit <count>', 'number of notifications, at most 1000', countUpTo(1000), 200)
    .addHelpText('after', examples('alert deliveries', 'alert deliveries -n 1000 --json'))
    .action((options: DeliveriesOptions, command: Command) =>
      run(command, (context) => listDeliveries(context, options)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'ID', dispensable: 3 },
  { title: 'CHANNEL', shrinksTo: 8 },
  { title: 'STATUS' },
  { title: 'TITLE', shrinksTo: 10, dispensable: 2 },
  { title: 'CREATED', align: 'right' },
  { title: 'ATTEMPTS', align: 'right', dispensable: 1 },
  { title: 'NEXT', align: 'right' },
  { title: 'ANSWER', shrinksTo: 12 },
];

/** Runs `booner alert deliveries`. JSON: the response of `GET /alert-deliveries`. */
function listDeliveries(context: Context, { limit }: DeliveriesOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const deliveries = await client.listDeliveries({ limit });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ deliveries });
    if (deliveries.length === 0) return void terminal.note('All notifications have been delivered.');
    const nowMs = Date.now();
    const rows = deliveries.map(({ id, channel, status, title, firstAtMs, attempts, nextAtMs, answer }) => [
      id,
      safeText(channel),
      terminal.style(status === 'dead' ? 'red' : 'yellow', status),
      safeText(title),
      ageText(firstAtMs, nowMs),
      String(attempts),
      whenText(nextAtMs, nowMs),
      safeText(answer ?? ''),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}
