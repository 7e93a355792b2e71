import type { ListedRule } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';
import { conditionText, limitsText } from '../texts/rule-texts.ts';

/** Adds `booner alert rules`. */
export function addAlertRulesCommand(alert: Command, run: Run): void {
  alert
    .command('rules')
    .description('list the rules of alerts, and what is wrong with files of rules')
    .addHelpText('after', examples('alert rules', 'alert rules --json | jq ".rules[].rule.name"'))
    .action((_options: object, command: Command) => run(command, (context) => listRules(context)));
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', shrinksTo: 18 },
  { title: 'STATE' },
  { title: 'WATCHES', shrinksTo: 12 },
  { title: 'FIRES', shrinksTo: 8 },
  { title: 'FOR', align: 'right', dispensable: 2 },
  { title: 'SELECTOR', shrinksTo: 8, dispensable: 1 },
  { title: 'CHANNELS', shrinksTo: 8, dispensable: 3 },
  { title: 'SOURCE', shrinksTo: 6, dispensable: 4 },
];

/** Runs `booner alert rules`. JSON: the response of `GET /alert-rules`. */
function listRules(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const list = await client.listAlertRules();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(list);
    const rows = list.rules.map((listed) => {
      const { name, enabled, selector, channels, for: waits } = listed.rule;
      return [
        safeText(name),
        enabled ? 'on' : terminal.style('dim', 'off'),
        safeText(conditionText(listed.rule)),
        safeText(limitsText(listed.rule)),
        waits === '0s' ? '' : safeText(waits),
        safeText(selector),
        safeText(channels.join(', ')),
        sourceText(listed),
      ];
    });
    terminal.print(...renderTable(COLUMNS, rows, terminal));
    for (const issue of list.issues) terminal.note(terminal.style('red', safeText(issue)));
  });
}

const sourceText = ({ source, file }: ListedRule): string =>
  file === null ? source : safeText(`${source} ${file}`);
