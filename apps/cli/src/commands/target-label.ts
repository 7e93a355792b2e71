import type { LabelChanges } from '@booner/protocol';
import { findLabelKeyIssue, findLabelValueIssue } from '@booner/protocol/labels';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { renderTable } from '../terminal/table.ts';
import { labelRows } from '../texts/label-texts.ts';

/** Adds `booner target label`. */
export function addTargetLabelCommand(target: Command, run: Run): void {
  target
    .command('label')
    .description('set labels of a target that selectors match, or list them')
    .argument('<host>', 'target to label')
    .argument('[label...]', 'role=db sets a label, role- removes it')
    .option('--list', 'list the labels')
    .addHelpText(
      'after',
      examples(
        'target label 10.0.0.2 role=db env=prod',
        'target label 10.0.0.2 env-',
        'target label 10.0.0.2 --list',
      ),
    )
    .action(
      (host: string, labels: readonly string[], { list }: { readonly list?: boolean }, command: Command) =>
        run(command, (context) => labelTarget(context, host, labels, list === true)),
    );
}

/**
 * Runs `booner target label`. JSON: the response of `PATCH /targets/:host`; the same fields with
 * `--list`.
 */
function labelTarget(
  context: Context,
  host: string,
  given: readonly string[],
  isList: boolean,
): Promise<undefined> {
  if ((given.length === 0) !== isList) {
    throw usageError('specify labels or --list', 'run `booner target label --help` for examples');
  }
  const changes = readChanges(given);
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

/** @throws CliError for a label that the hub would refuse */
function readChanges(given: readonly string[]): LabelChanges {
  const changes = new Map<string, string | null>();
  for (const text of given) {
    const at = text.indexOf('=');
    const isRemoval = at === -1 && text.endsWith('-');
    const key = at !== -1 ? text.slice(0, at) : isRemoval ? text.slice(0, -1) : text;
    const value = at === -1 ? null : text.slice(at + 1);
    if (value === null && !isRemoval) {
      throw usageError(
        `${text} has no value`,
        `write ${text}=VALUE to set the label, or ${text}- to remove it`,
      );
    }
    const keyIssue = findLabelKeyIssue(key);
    if (keyIssue !== null) throw usageError(`${key} ${keyIssue}`);
    const valueIssue = value === null ? null : findLabelValueIssue(value);
    if (valueIssue !== null) throw usageError(`the value of ${key} ${valueIssue}`);
    if (changes.has(key)) throw usageError(`${key} is specified twice`, 'specify each label once');
    changes.set(key, value);
  }
  return Object.fromEntries(changes);
}
