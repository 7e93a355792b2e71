import type { Firing, ShownSchedule } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { durationText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { paramFacts, printFacts } from '../texts/print-facts.ts';
import { firingText, nextLines, stateText, targetText } from '../texts/schedule-texts.ts';

/** Adds `booner schedule show`. */
export function addScheduleShowCommand(schedule: Command, run: Run): void {
  schedule
    .command('show')
    .description('show a schedule, its next times and its last firings')
    .argument('<name>', 'name from `booner schedule list`')
    .addHelpText('after', examples('schedule show nightly-backup'))
    .action((name: string, _options: object, command: Command) =>
      run(command, (context) => showSchedule(context, name)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'DUE' },
  { title: 'RESULT' },
  { title: 'TOOK', align: 'right', dispensable: 1 },
  { title: 'ROLLOUT' },
  { title: 'DETAIL', shrinksTo: 10 },
];

/** Runs `booner schedule show`. JSON: the response of `GET /schedules/:name`. */
function showSchedule(context: Context, name: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const shown = await client.readSchedule(name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(shown);
    const { schedule } = shown;
    printFacts(terminal, [
      ['schedule', safeText(shown.name)],
      ['state', stateText(shown, terminal)],
      ['fires', safeText(shown.words)],
      ['action', safeText(schedule.action)],
      ...paramFacts(schedule.params),
      ['targets', targetText(shown)],
      ...policyFacts(shown),
      ['set by', shown.createdBy === null ? null : safeText(shown.createdBy)],
      ['set', timeText(shown.changedAtMs)],
      ['waiting', shown.queuedAtMs === null ? null : `the firing of ${timeText(shown.queuedAtMs)}`],
    ]);
    terminal.print('', ...nextLines(shown, Date.now()));
    if (shown.firings.length === 0) return;
    const rows = shown.firings.map((firing) => [
      timeText(firing.dueAtMs),
      firingText(firing, terminal),
      tookText(firing),
      firing.rolloutId ?? '',
      safeText(firing.detail ?? ''),
    ]);
    terminal.print('', 'Last firings:', ...renderTable(COLUMNS, rows, terminal));
    if (shown.firings.some(({ rolloutId }) => rolloutId !== null))
      terminal.note('Run `booner rollout show ROLLOUT` to see the targets of a firing.');
  });
}

/** Returns what the schedule does in special cases. */
function policyFacts({ schedule }: ShownSchedule) {
  const { batches, maxFailures, overlap, catchUp, jitterSeconds, blackout, tooLongSeconds } = schedule;
  return [
    ['batches', batches.join(', ')],
    ['max failures', maxFailures],
    ['overlap', overlap],
    ['catch up', catchUp],
    ['jitter', jitterSeconds === 0 ? null : `up to ${jitterSeconds} s`],
    ['blackout', blackout.map(safeText).join(', ')],
    ['too long', tooLongSeconds === undefined ? null : `after ${tooLongSeconds} s`],
  ] as const;
}

const tookText = ({ atMs, endedAtMs }: Firing): string =>
  endedAtMs === null ? '' : durationText((endedAtMs - atMs) / 1000);
