import { HISTORY_METRIC_NAMES, METRIC_GROUPS } from '@booner/protocol/history-metrics';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import { addSpanOptions } from '../runtime/span-options.ts';
import type { ShowHistoryOptions } from './show-history.ts';

/** Adds `booner history`. Its code is loaded only when it runs. */
export function addHistoryCommands(program: Command, run: Run): void {
  const history = addSpanOptions(
    program
      .command('history')
      .description('show charts of a target, or of the main server without a host')
      .argument('[host]', 'target to show')
      .addOption(
        new Option('--metric <names>', 'groups of metrics, or metrics, separated by commas')
          .choices(METRIC_GROUPS)
          .argParser(readMetrics)
          .default(['cpu'], 'cpu'),
      ),
  )
    .addOption(new Option('--csv', 'print every value as CSV, at the finest resolution that reaches back'))
    .addHelpText(
      'after',
      examples(
        'history 10.0.0.2',
        'history 10.0.0.2 --metric memory,disks --range 7d',
        'history 10.0.0.2 --from "2026-01-31 12:00" --to "2026-01-31 14:00"',
        'history 10.0.0.2 --metric cpuUsageRatio --range 30d --csv > cpu.csv',
        'history stats',
        'history backup history.db',
      ),
    )
    .action((host: string | undefined, options: ShowHistoryOptions, command: Command) =>
      run(command, async (context) =>
        (await import('./show-history.ts')).showHistory(context, host ?? null, options),
      ),
    );
  history
    .command('stats')
    .description('show whether the history is recorded, and how much space it takes')
    .addHelpText('after', examples('history stats', 'history stats --json | jq .usedBytes'))
    .action((_options: object, command: Command) =>
      run(command, async (context) => (await import('./history-stats.ts')).showHistoryStats(context)),
    );
  history
    .command('backup')
    .description('download a consistent copy of the history, an SQLite database')
    .argument('<file>', 'file to write, which must not exist')
    .addHelpText('after', examples('history backup history-2026-01-31.db'))
    .action((file: string, _options: object, command: Command) =>
      run(command, async (context) => (await import('./history-backup.ts')).backUpHistory(context, file)),
    );
}

function readMetrics(text: string): readonly string[] {
  const names = text.split(',').map((name) => name.trim());
  const known: readonly string[] = [...METRIC_GROUPS, ...HISTORY_METRIC_NAMES];
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return names;
  throw new InvalidArgumentError(
    `there is no ${JSON.stringify(unknown)}; the groups are ${METRIC_GROUPS.join(', ')}.`,
  );
}
