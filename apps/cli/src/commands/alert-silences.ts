import { parseDuration } from '@booner/protocol/duration';
import type { ViewSelector } from '@booner/protocol/selector';
import { type Command, InvalidArgumentError } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { whenText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

type SilenceOptions = {
  readonly selector: ViewSelector;
  readonly rule?: string;
  /** Milliseconds. */
  readonly for: number;
  readonly reason: string;
};

/** Adds `booner alert silence`, `silences` and `unsilence`. */
export function addAlertSilenceCommands(alert: Command, run: Run): void {
  alert
    .command('silence')
    .description('mute alerts for a while: they are shown, and nobody is notified')
    .addOption(selectorOption('mute alerts of targets that match').makeOptionMandatory())
    .option('--rule <name>', 'mute only this rule')
    .requiredOption('--for <time>', 'how long, such as 30m, 2h or 1d', readDuration)
    .requiredOption('--reason <text>', 'why, for those who see the silence')
    .addHelpText(
      'after',
      examples(
        "alert silence --selector 'env=prod' --for 2h --reason 'new switches'",
        "alert silence --selector 'host=10.0.0.2' --rule disk-usage --for 1d --reason 'disk is ordered'",
      ),
    )
    .action((options: SilenceOptions, command: Command) =>
      run(command, (context) => silence(context, options)),
    );
  alert
    .command('silences')
    .description('list silences')
    .action((_options: object, command: Command) => run(command, (context) => listSilences(context)));
  alert
    .command('unsilence')
    .description('end silences')
    .argument('<id...>', 'IDs from `booner alert silences`')
    .action((ids: readonly string[], _options: object, command: Command) =>
      run(command, (context) => endSilences(context, ids)),
    );
}

/** Runs `booner alert silence`. Stdout is the ID alone. JSON: the response of `POST /silences`. */
function silence(
  context: Context,
  { selector, rule, for: durationMs, reason }: SilenceOptions,
): Promise<undefined> {
  if (selector.text === '') {
    throw usageError('the empty selector mutes nothing', "write --selector '*' for every target");
  }
  return withHub(context, async (client) => {
    // The end is a time of the hub's clock, which may differ from this one.
    const { sentAtMs } = await client.readStatus();
    const untilMs = sentAtMs + durationMs;
    const created = await client.createSilence({ selector: selector.text, rule, untilMs, reason });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(created);
    terminal.print(created.id);
    const what = rule === undefined ? 'Alerts' : `Alerts of ${safeText(rule)}`;
    const ends = whenText(created.untilMs, sentAtMs);
    terminal.note(`${what} are muted where ${safeText(created.selector)}. The silence ends ${ends}.`);
    terminal.note(`To end it now, run \`booner alert unsilence ${created.id}\`.`);
  });
}

const COLUMNS: readonly Column[] = [
  { title: 'ID' },
  { title: 'SELECTOR', shrinksTo: 10 },
  { title: 'RULE', shrinksTo: 10 },
  { title: 'ENDS', align: 'right' },
  { title: 'BY', shrinksTo: 10, dispensable: 1 },
  { title: 'REASON', shrinksTo: 10, dispensable: 2 },
];

/** Runs `booner alert silences`. JSON: the response of `GET /silences`. */
function listSilences(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const silences = await client.listSilences();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ silences });
    if (silences.length === 0) return void terminal.note('No silences.');
    const nowMs = Date.now();
    const rows = silences.map(({ id, selector, rule, untilMs, createdBy, reason }) => [
      id,
      safeText(selector),
      safeText(rule ?? 'all'),
      whenText(untilMs, nowMs),
      safeText(createdBy),
      safeText(reason),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

/** Runs `booner alert unsilence`. JSON: `{removed}`, the IDs. */
function endSilences(context: Context, given: readonly string[]): Promise<undefined> {
  return withHub(context, async (client) => {
    const removed = [...new Set(given)];
    for (const id of removed) await client.removeSilence(id);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ removed });
    terminal.print(...removed.map((id) => `Ended ${safeText(id)}`));
  });
}

/** @returns milliseconds */
function readDuration(text: string): number {
  const durationMs = parseDuration(text);
  if (durationMs !== null && durationMs > 0) return durationMs;
  throw new InvalidArgumentError('must be a length of time such as 30m, 2h, 1h30m or 1d.');
}
