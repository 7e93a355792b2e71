import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { lastFiringText, stateText } from '../texts/schedule-texts.ts';

/** Adds `booner schedule list`. */
export function addScheduleListCommand(schedule: Command, run: Run): void {
  schedule
    .command('list')
    .description('list schedules, when they fire next, and how they last went')
    .addHelpText('after', examples('schedule list', 'schedule list --json'))
    .action((_options: object, command: Command) => run(command, listSchedules));
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME' },
  { title: 'FIRES', shrinksTo: 12 },
  { title: 'ACTION', shrinksTo: 8, dispensable: 1 },
  { title: 'NEXT', align: 'right' },
  { title: 'LAST', shrinksTo: 10 },
  { title: 'STATE', shrinksTo: 8 },
];

/** Runs `booner schedule list`. JSON: the response of `GET /schedules`. */
function listSchedules(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const list = await client.listSchedules();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(list);
    if (list.schedules.length === 0) {
      return void terminal.note('No schedules. Run `booner schedule set --help` to see how to set one.');
    }
    const nowMs = Date.now();
    const rows = list.schedules.map((schedule) => [
      safeText(schedule.name),
      safeText(schedule.words),
      safeText(schedule.schedule.action),
      whenText(schedule.nextAtMs[0] ?? null, nowMs),
      lastFiringText(schedule, nowMs, terminal),
      stateText(schedule, terminal),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}
