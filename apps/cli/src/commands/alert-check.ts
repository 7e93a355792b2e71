import type { Command } from 'commander';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { safeText } from '../terminal/safe-text.ts';

/** Adds `booner alert check`. */
export function addAlertCheckCommand(alert: Command, run: Run): void {
  alert
    .command('check')
    .description('check files of alert rules, without a hub')
    .argument('<paths...>', 'files, or folders with *.yaml and *.yml files')
    .addHelpText(
      'after',
      examples('alert check rules/', 'alert check disks.yaml', 'alert check rules/ --json | jq .issues'),
    )
    .action((paths: readonly string[], _options: object, command: Command) =>
      run(command, (context) => checkRules(context, paths)),
    );
}

/** Runs `booner alert check`. JSON: `{files, rules, issues: [{file, line, column, reason}]}`. */
async function checkRules({ terminal, isJson }: Context, paths: readonly string[]): Promise<number> {
  const { checkRulePaths, issueText } = await import('@booner/rule-files');
  const { files, rules, issues } = await checkRulePaths(paths);
  if (isJson) {
    const shown = issues.map(({ file, place, reason }) => ({
      file,
      line: place?.line ?? null,
      column: place?.column ?? null,
      reason,
    }));
    terminal.printJson({ files, rules, issues: shown });
  } else {
    terminal.print(...issues.map((issue) => safeText(issueText(issue))));
    const sums = [counted(rules, 'valid rule'), counted(files, 'file'), counted(issues.length, 'issue')];
    terminal.note(`${sums[0]} in ${sums[1]}, ${sums[2]}.`);
  }
  return issues.length === 0 ? EXIT.ok : EXIT.failed;
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
