import type { ViewSelector } from '@booner/protocol/selector';
import { type Command, Option } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { countUpTo, examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { noteText, openText, readingText, severityText, subjectText } from '../texts/alert-texts.ts';

type AlertsOptions = {
  readonly selector?: ViewSelector;
  readonly rule?: string;
  readonly resolved?: boolean;
  readonly follow?: boolean;
  readonly limit?: number;
  readonly before?: string;
};

const DEFAULT_LIMIT = 50;

/** Adds `booner alerts`. */
export function addAlertsCommand(program: Command, run: Run): void {
  program
    .command('alerts')
    .description('show the alerts that are open, critical ones first, or those that ended')
    .addOption(selectorOption('show only alerts of targets that match'))
    .option('--rule <name>', 'show only alerts of this rule')
    .option('--resolved', 'show the alerts that have ended, newest first')
    .addOption(
      new Option(
        '-n, --limit <count>',
        `with --resolved, number of alerts (default: ${DEFAULT_LIMIT})`,
      ).argParser(countUpTo(500)),
    )
    .option('--before <cursor>', 'with --resolved, show alerts before this: `next` of an earlier --json page')
    .addOption(new Option('-f, --follow', 'then print each change as it happens').conflicts('resolved'))
    .addHelpText(
      'after',
      examples(
        'alerts',
        "alerts --selector 'env=prod'",
        'alerts --resolved --rule disk-usage',
        'alerts --follow',
        'alerts --json | jq ".alerts[] | select(.acknowledged == null)"',
      ),
    )
    .action((options: AlertsOptions, command: Command) =>
      run(command, (context) => {
        const { limit, before, resolved } = options;
        if (!resolved && (limit ?? before) !== undefined) {
          throw usageError(`${limit === undefined ? '--before' : '--limit'} requires --resolved`);
        }
        if (options.follow) return follow(context, options);
        return options.resolved ? listResolved(context, options) : listOpen(context, options);
      }),
    );
}

const OPEN_COLUMNS: readonly Column[] = [
  { title: 'ID', dispensable: 2 },
  { title: 'SEVERITY' },
  { title: 'RULE', shrinksTo: 10 },
  { title: 'TARGET', shrinksTo: 12 },
  { title: 'VALUE', shrinksTo: 10 },
  { title: 'SINCE', align: 'right' },
  { title: 'NOTE', shrinksTo: 10, dispensable: 1 },
];

/** Runs `booner alerts`. JSON: the response of `GET /alerts?status=firing`. */
function listOpen(context: Context, { selector, rule }: AlertsOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const { compareAlerts } = await import('@booner/client');
    const page = await client.listAlerts({ status: 'firing', selector: selector?.text, rule });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    if (page.alerts.length === 0) {
      const isFiltered = selector !== undefined || rule !== undefined;
      return void terminal.note(isFiltered ? 'No open alert matches.' : 'No open alerts.');
    }
    const nowMs = Date.now();
    const rows = page.alerts
      .toSorted(compareAlerts)
      .map((alert) => [
        alert.id,
        severityText(alert.severity, terminal),
        safeText(alert.rule),
        subjectText(alert),
        readingText(alert),
        ageText(alert.startedAtMs, nowMs),
        noteText(alert, nowMs),
      ]);
    terminal.print(...renderTable(OPEN_COLUMNS, rows, terminal));
  });
}

const RESOLVED_COLUMNS: readonly Column[] = [
  { title: 'ID', dispensable: 3 },
  { title: 'SEVERITY' },
  { title: 'RULE', shrinksTo: 10 },
  { title: 'TARGET', shrinksTo: 12 },
  { title: 'TITLE', shrinksTo: 10, dispensable: 2 },
  { title: 'ENDED', align: 'right' },
  { title: 'DURATION', align: 'right' },
  { title: 'NOTE', shrinksTo: 10, dispensable: 1 },
];

/** Runs `booner alerts --resolved`. JSON: the response of `GET /alerts?status=resolved`. */
function listResolved(
  context: Context,
  { selector, rule, limit = DEFAULT_LIMIT, before }: AlertsOptions,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const filters = { selector: selector?.text, rule, limit, before };
    const page = await client.listAlerts({ status: 'resolved', ...filters });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(page);
    if (page.alerts.length === 0) return void terminal.note('No alert that has ended matches.');
    const nowMs = Date.now();
    const rows = page.alerts.map((alert) => [
      alert.id,
      severityText(alert.severity, terminal),
      safeText(alert.rule),
      subjectText(alert),
      safeText(alert.title),
      ageText(alert.endedAtMs, nowMs),
      openText(alert, nowMs),
      noteText(alert, nowMs),
    ]);
    terminal.print(...renderTable(RESOLVED_COLUMNS, rows, terminal));
    if (page.next !== null && terminal.isTty) terminal.note(`To see older ones, pass --before ${page.next}.`);
  });
}

/** Runs `booner alerts --follow`. JSON: one alert per line, whole, for each change. */
function follow(context: Context, { selector, rule }: AlertsOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const { followAlerts } = await import('./follow-alerts.ts');
    return followAlerts(client, context, { selector, rule });
  });
}
