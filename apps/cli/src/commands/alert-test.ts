import type { BoonerClient } from '@booner/client';
import type { RuleTrial } from '@booner/protocol';
import { parseDuration } from '@booner/protocol/duration';
import { type Command, InvalidArgumentError } from 'commander';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { durationText, timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { severityText, subjectText } from '../texts/alert-texts.ts';
import type { UncheckedRule } from './read-rule-file.ts';

type TestOptions = { readonly range: string; readonly host?: string };

/** Adds `booner alert test`. */
export function addAlertTestCommand(alert: Command, run: Run): void {
  alert
    .command('test')
    .description('show when rules would have fired, and how many messages they would have sent')
    .argument('<rule>', 'file with rules (YAML or JSON), or name from `booner alert rules`')
    .option('--range <time>', 'how far back from now, such as 24h or 7d', readRange, '24h')
    .option('--host <host>', 'try it on this target only')
    .addHelpText(
      'after',
      examples('alert test disk-usage', 'alert test rules/databases.yaml --range 7d --host 10.0.0.2'),
    )
    .action((rule: string, options: TestOptions, command: Command) =>
      run(command, (context) => testRules(context, rule, options)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'TARGET', shrinksTo: 12 },
  { title: 'SEVERITY' },
  { title: 'STARTED' },
  { title: 'DURATION', align: 'right' },
  { title: 'MESSAGES', align: 'right', dispensable: 1 },
];

type NamedTrial = RuleTrial & {
  /** `null`: the rule has no name. */
  readonly name: string | null;
};

/**
 * Runs `booner alert test`. JSON: `{trials}`, each a response of `POST /alert-rules/test` with
 * `name`.
 */
function testRules(context: Context, source: string, { range, host }: TestOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const trials: NamedTrial[] = [];
    for (const rule of await readRules(client, source)) {
      trials.push({ name: rule.name ?? null, ...(await client.testAlertRule({ rule, range, host })) });
    }
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ trials });
    for (const trial of trials) printTrial(trial, range, terminal);
  });
}

function printTrial(trial: NamedTrial, range: string, terminal: Terminal): void {
  const { name, episodes, episodeCount, selected, tried } = trial;
  terminal.print(terminal.style('bold', safeText(name ?? 'the rule')));
  const rows = episodes.map(({ severity, startedAtMs, endedAtMs, messages, ...subject }) => [
    subjectText(subject),
    severityText(severity, terminal),
    timeText(startedAtMs),
    endedAtMs === null ? 'still open' : durationText((endedAtMs - startedAtMs) / 1000),
    String(messages),
  ]);
  if (rows.length > 0) terminal.print(...renderTable(COLUMNS, rows, terminal));
  terminal.print(summaryText(trial, range));
  if (episodes.length < episodeCount) terminal.note(`Only the first ${episodes.length} are shown.`);
  if (tried < selected) terminal.note(`It was tried on ${tried} of ${selected} targets that it selects.`);
}

/** @throws CliError for an unknown name or an unreadable file */
async function readRules(client: BoonerClient, source: string): Promise<readonly UncheckedRule[]> {
  if (/[/\\]|\.(ya?ml|json)$/.test(source)) return (await import('./read-rule-file.ts')).readRuleFile(source);
  const { rules } = await client.listAlertRules();
  const listed = rules.find(({ rule }) => rule.name === source);
  if (listed !== undefined) return [listed.rule];
  throw new CliError(
    `unknown rule ${safeText(source)}`,
    EXIT.notFound,
    `run \`booner alert rules\` to see the names, or write ./${safeText(source)} for a file`,
  );
}

function summaryText({ episodeCount, messageCount, tried }: RuleTrial, range: string): string {
  const count = (number: number, word: string) => `${number} ${word}${number === 1 ? '' : 's'}`;
  const where = `on ${count(tried, 'target')} in the last ${range}`;
  if (episodeCount === 0) return `It would not have fired ${where}.`;
  const messages = `sent ${count(messageCount, 'message')} before grouping`;
  return `It would have fired ${count(episodeCount, 'time')} ${where}, and ${messages}.`;
}

function readRange(text: string): string {
  if ((parseDuration(text) ?? 0) > 0) return text;
  throw new InvalidArgumentError('must be a length of time such as 1h, 24h or 7d.');
}
