import type { LabelChanges } from '@booner/protocol';
import type { ViewSelector } from '@booner/protocol/selector';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { renderTable } from '../terminal/table.ts';
import { labelRows } from '../texts/label-texts.ts';
import { readChanges, splitWords } from './label-changes.ts';
import { labelTargets } from './label-targets.ts';

type LabelOptions = { readonly list?: boolean; readonly selector?: ViewSelector; readonly yes?: boolean };

/** Adds `booner target label`. */
export function addTargetLabelCommand(target: Command, run: Run): void {
  target
    .command('label')
    .description('set labels of targets that selectors match, or list those of one')
    .usage('[options] [host...] [label...]')
    .argument('[host...]', 'targets, then labels: role=db sets a label, role- removes it')
    .option('--list', 'list the labels of a target')
    .addOption(selectorOption('label the targets that match'))
    .option('-y, --yes', 'do not ask before several targets are changed')
    .addHelpText(
      'after',
      examples(
        'target label 10.0.0.2 role=db env=prod',
        'target label 10.0.0.2 env-',
        'target label 10.0.0.2 10.0.0.3 env=prod',
        "target label --selector 'role=db' env=prod old-",
        'target label 10.0.0.2 --list',
      ),
    )
    .action((words: readonly string[], options: LabelOptions, command: Command) =>
      run(command, (context) => runLabel(context, words, options)),
    );
}

/** Runs `booner target label` for one target, or for several. */
function runLabel(
  context: Context,
  words: readonly string[],
  { list = false, selector, yes = false }: LabelOptions,
): Promise<undefined> {
  const { hosts, labels } = splitWords(words);
  const help = 'run `booner target label --help` for examples';
  if ((labels.length === 0) !== list) throw usageError('specify labels or --list', help);
  if ((hosts.length === 0) === (selector === undefined)) {
    throw usageError('specify targets or --selector, not both', help);
  }
  const [host, ...others] = hosts;
  if (host !== undefined && others.length === 0) return labelTarget(context, host, readChanges(labels), list);
  if (list) throw usageError('specify one target with --list', 'to list several, run `booner targets`');
  return labelTargets(context, { hosts, selector, changes: readChanges(labels), isConfirmed: yes });
}

/** JSON: the response of `PATCH /targets/:host`; the same fields with `--list`. */
function labelTarget(
  context: Context,
  host: string,
  changes: LabelChanges,
  isList: boolean,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const target = isList ? await client.readTarget(host) : await client.labelTarget(host, changes);
    const { labels = {}, operatorLabels = {} } = target;
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ host: target.host, labels, operatorLabels });
    const rows = labelRows({ labels, operatorLabels });
    if (rows.length === 0) return void terminal.note(`${target.host} has no labels.`);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

const COLUMNS = [{ title: 'LABEL' }, { title: 'VALUE', shrinksTo: 12 }, { title: 'SET BY' }] as const;
