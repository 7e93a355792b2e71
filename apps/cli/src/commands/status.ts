import type { TargetSummary } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { isChosen, selectorOption, statusOption, type TargetChoice } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { busLine, fleetLine, mainServerLines, worstFirst } from '../texts/fleet-texts.ts';
import { targetCells } from '../texts/target-cells.ts';
import { shortagesNow } from '../texts/trouble.ts';
import { watchStatus } from './watch-status.ts';

type StatusOptions = TargetChoice & { readonly watch?: boolean };

/** Adds `booner status`. */
export function addStatusCommand(program: Command, run: Run): void {
  program
    .command('status')
    .description('show the main server and all targets')
    .option('-w, --watch', 'show a live full-screen view; q quits')
    .addOption(statusOption())
    .addOption(selectorOption())
    .addHelpText(
      'after',
      examples(
        'status',
        'status --watch',
        'status --status trouble',
        'status --watch --selector role=db',
        'status --watch --json | jq .targets',
      ),
    )
    .action((options: StatusOptions, command: Command) =>
      run(command, (context) =>
        options.watch ? watchStatus(context, options) : showStatus(context, options),
      ),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'STATUS' },
  { title: 'LABEL', shrinksTo: 8, dispensable: 3 },
  { title: 'CPU', align: 'right' },
  { title: 'RAM', align: 'right' },
  { title: 'DISK', align: 'right' },
  { title: 'NET IN', align: 'right', dispensable: 4 },
  { title: 'NET OUT', align: 'right', dispensable: 4 },
  { title: 'TEMP', align: 'right', dispensable: 2 },
  { title: 'SEEN', align: 'right', dispensable: 1 },
  { title: 'NOTE', shrinksTo: 10, dispensable: 5 },
];
const BAR_CELLS = 6;

/** Runs `booner status`. JSON: the response of `GET /system/status?version=2`. */
function showStatus(context: Context, choice: TargetChoice): Promise<undefined> {
  return withHub(context, async (client) => {
    const snapshot = await client.readStatus();
    const all = snapshot.targets as TargetSummary[];
    const targets = all.filter(isChosen(choice, shortagesNow));
    const { terminal } = context;
    if (context.isJson) return void terminal.printJson({ ...snapshot, targets });
    terminal.print(...mainServerLines(snapshot.mainServer, terminal), '');
    terminal.print(fleetLine(all, terminal, shortagesNow));
    if (snapshot.bus !== 'connected') terminal.print(busLine(snapshot, terminal));
    if (all.length === 0) terminal.print('', 'Run `booner target add HOST` to add a host.');
    else if (targets.length === 0) terminal.note('No target matches.');
    if (targets.length > 0) {
      const rows = worstFirst(targets, shortagesNow).map((target) =>
        rowOf(target, snapshot.sentAtMs, terminal),
      );
      terminal.print('', ...renderTable(COLUMNS, rows, terminal));
    }
  });
}

function rowOf(target: TargetSummary, nowMs: number, terminal: Terminal): string[] {
  const barCells = terminal.isTty ? BAR_CELLS : 0;
  const cells = targetCells(target, { nowMs, terminal, barCells, shortages: shortagesNow(target) });
  return [
    cells.host,
    cells.status,
    cells.label,
    cells.cpu,
    cells.memory,
    cells.disk,
    cells.received,
    cells.sent,
    cells.temperature,
    cells.seen,
    cells.note,
  ];
}
