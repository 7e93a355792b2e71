import { type Command, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { doneOf, rolloutStatus, totalOf } from '../texts/rollout-texts.ts';

type ListOptions = { readonly limit: number; readonly after?: string };

/** Adds `booner rollout list`. */
export function addRolloutListCommand(rollout: Command, run: Run): void {
  rollout
    .command('list')
    .description('list rollouts, newest first')
    .option('-n, --limit <count>', 'number of rollouts, at most 500', countUpTo(500), 20)
    .addOption(new Option('--after <cursor>', 'show rollouts after this: `next` of an earlier --json page'))
    .addHelpText('after', examples('rollout list', 'rollout list -n 100 --json'))
    .action((options: ListOptions, command: Command) =>
      run(command, (context) => listRollouts(context, options)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'STATUS' },
  { title: 'ACTION', shrinksTo: 8 },
  { title: 'SELECTOR', shrinksTo: 8, dispensable: 2 },
  { title: 'DONE', align: 'right' },
  { title: 'FAILED', align: 'right' },
  { title: 'CREATED', align: 'right', dispensable: 1 },
  { title: 'BY', shrinksTo: 8, dispensable: 4 },
  { title: 'DETAIL', shrinksTo: 10, dispensable: 3 },
];

/** Runs `booner rollout list`. JSON: the response of `GET /rollouts`, `{rollouts, next}`. */
function listRollouts(context: Context, { limit, after }: ListOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const page = await client.listRollouts({ limit, after });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    if (page.rollouts.length === 0) {
      return void terminal.note('No rollouts. Run `booner rollout start --help` to see how to start one.');
    }
    const nowMs = Date.now();
    const rows = page.rollouts.map((rollout) => [
      rollout.id,
      rolloutStatus(rollout.status, terminal),
      safeText(rollout.request.action),
      safeText(rollout.request.selector),
      `${doneOf(rollout)}/${totalOf(rollout)}`,
      String(rollout.counts.failed ?? ''),
      ageText(rollout.createdAtMs, nowMs),
      safeText(rollout.createdBy ?? ''),
      safeText(rollout.reason ?? ''),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
    if (page.next !== null && terminal.isTty) terminal.note(`To see older ones, pass --after ${page.next}.`);
  });
}
