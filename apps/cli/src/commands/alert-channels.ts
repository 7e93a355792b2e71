import type { SendOutcome } from '@booner/protocol';
import type { Command } from 'commander';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

/** Adds `booner alert channels` and `channel-test`. */
export function addAlertChannelCommands(alert: Command, run: Run): void {
  alert
    .command('channels')
    .description('list the channels that notifications are sent to')
    .action((_options: object, command: Command) => run(command, (context) => listChannels(context)));
  alert
    .command('channel-test')
    .description('send a message to a channel and show what the other side answers')
    .argument('<name>', 'name from `booner alert channels`')
    .addHelpText('after', examples('alert channel-test ops'))
    .action((name: string, _options: object, command: Command) =>
      run(command, (context) => testChannel(context, name)),
    );
}

const COLUMNS: readonly Column[] = [
  { title: 'NAME', shrinksTo: 10 },
  { title: 'TYPE' },
  { title: 'DEFAULT' },
  { title: 'ISSUE', shrinksTo: 10 },
];

/** Runs `booner alert channels`. JSON: the response of `GET /alert-channels`. */
function listChannels(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const list = await client.listAlertChannels();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(list);
    if (list.channels.length === 0) return void terminal.note('No channels yet: nobody is notified.');
    const rows = list.channels.map(({ name, type, isDefault, issue }) => [
      safeText(name),
      type,
      isDefault ? 'yes' : 'no',
      terminal.style('red', safeText(issue ?? '')),
    ]);
    terminal.print(...renderTable(COLUMNS, rows, terminal));
  });
}

const OUTCOMES = {
  delivered: ['green', 'delivered'],
  rejected: ['red', 'rejected'],
  retry: ['yellow', 'not delivered'],
} as const satisfies Record<SendOutcome['type'], readonly [string, string]>;

/**
 * Runs `booner alert channel-test`. JSON: the response of `POST /alert-channels/:name/test`. Exits
 * with 1 if a message was not delivered.
 */
function testChannel(context: Context, name: string): Promise<number | undefined> {
  return withHub(context, async (client) => {
    const trial = await client.testAlertChannel(name);
    const { terminal, isJson } = context;
    if (isJson) terminal.printJson(trial);
    else {
      for (const { type, answer } of trial.outcomes) {
        const [style, word] = OUTCOMES[type];
        terminal.print([terminal.style(style, word), safeText(answer)].filter(Boolean).join(': '));
      }
    }
    return trial.outcomes.every(({ type }) => type === 'delivered') ? undefined : EXIT.failed;
  });
}
