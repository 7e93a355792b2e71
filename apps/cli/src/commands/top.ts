import type { HistoryRanking } from '@booner/protocol';
import {
  HISTORY_METRICS,
  type MetricGroup,
  RANKED_METRICS,
  type RankedMetric,
} from '@booner/protocol/history-metrics';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption, type TargetChoice } from '../runtime/selector-option.ts';
import { addSpanOptions, type SpanOptions, spanOf } from '../runtime/span-options.ts';
import { withHub } from '../runtime/with-hub.ts';
import { bar } from '../terminal/bar.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { valueText } from '../texts/series-texts.ts';

type TopOptions = SpanOptions &
  Pick<TargetChoice, 'selector'> & {
    readonly metric: RankedMetric | MetricGroup;
    readonly by: HistoryRanking['by'];
    readonly limit: number;
  };

const GROUPS = [...new Set(RANKED_METRICS.map((name) => HISTORY_METRICS[name].group))];
const BAR_CELLS = 20;

/** Adds `booner top`. */
export function addTopCommand(program: Command, run: Run): void {
  addSpanOptions(
    program
      .command('top')
      .description('rank targets by a metric over time')
      .addOption(
        new Option('--metric <name>', 'metric to rank by, or its group')
          .choices(GROUPS)
          .argParser(readMetric)
          .default('cpu'),
      )
      .addOption(new Option('--by <value>', 'value to rank by').choices(['avg', 'max']).default('avg'))
      .option('-n, --limit <count>', 'number of targets', countUpTo(1000), 20)
      .addOption(selectorOption()),
  )
    .addHelpText(
      'after',
      examples(
        'top',
        'top --metric memory --range 7d --by max',
        "top --metric network --selector 'role=db' -n 5",
        'top --metric diskUsageRatio --json | jq .targets',
      ),
    )
    .action((options: TopOptions, command: Command) => run(command, (context) => showTop(context, options)));
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'AVG', align: 'right' },
  { title: 'MAX', align: 'right' },
  { title: '', dispensable: 1 },
];

/** Runs `booner top`. JSON: the response of `GET /history?metric=…`. */
function showTop(
  context: Context,
  { metric, by, limit, selector, ...times }: TopOptions,
): Promise<undefined> {
  const span = spanOf(times);
  return withHub(context, async (client) => {
    const ranking = await client.rankTargets({ metric, span, by, top: limit, selector: selector?.text });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(ranking);
    const { metric: ranked, fromMs, toMs, targets } = ranking;
    terminal.print(`${terminal.style('bold', ranked)} by ${by}, ${timeText(fromMs)} to ${timeText(toMs)}`);
    if (targets.length === 0) {
      const whose = selector === undefined ? '' : ' of matching targets';
      return void terminal.note(`No data${whose} in this range.`);
    }
    const isRatio = HISTORY_METRICS[ranked].unit === 'ratio';
    const full = isRatio ? 1 : Math.max(...targets.map((target) => target[by]));
    const rows = targets.map((target) => [
      safeText(target.host),
      valueText(ranked, target.avg),
      valueText(ranked, target.max),
      terminal.isTty && full > 0 ? bar(target[by] / full, BAR_CELLS, terminal.hasUnicode) : '',
    ]);
    terminal.print('', ...renderTable(COLUMNS, rows, terminal));
  });
}

function readMetric(text: string): string {
  if ([...GROUPS, ...RANKED_METRICS].some((name) => name === text)) return text;
  throw new InvalidArgumentError(`must be one of ${[...GROUPS, ...RANKED_METRICS].join(', ')}.`);
}
