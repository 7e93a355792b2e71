import type { BoonerClient } from '@booner/client';
import type { Alert } from '@booner/protocol';
import type { ViewSelector } from '@booner/protocol/selector';
import type { Command } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { selectorOption } from '../runtime/selector-option.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { subjectText } from '../texts/alert-texts.ts';

type AckOptions = { readonly selector?: ViewSelector };

/** Adds `booner alert ack`. */
export function addAlertAckCommand(alert: Command, run: Run): void {
  alert
    .command('ack')
    .description('acknowledge alerts, which ends their reminders and escalations')
    .argument('[id...]', 'IDs from `booner alerts`')
    .addOption(selectorOption('acknowledge every open alert of targets that match'))
    .addHelpText('after', examples('alert ack pX3kQ0vK2bWm8sLr9dTzA', "alert ack --selector 'role=db'"))
    .action((ids: readonly string[], { selector }: AckOptions, command: Command) =>
      run(command, (context) => {
        if ((ids.length === 0) !== (selector === undefined)) return acknowledge(context, ids, selector);
        throw usageError('specify IDs or --selector', 'run `booner alerts` to see the IDs');
      }),
    );
}

/** Runs `booner alert ack`. JSON: `{alerts}`, those that were acknowledged. */
function acknowledge(
  context: Context,
  given: readonly string[],
  selector: ViewSelector | undefined,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const ids = selector === undefined ? given : await findOpen(client, selector);
    const alerts: Alert[] = [];
    for (const id of new Set(ids)) alerts.push(await client.acknowledgeAlert(id));
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ alerts });
    if (alerts.length === 0) return void terminal.note('No open alert matches that is not acknowledged.');
    for (const alert of alerts) {
      terminal.print(`Acknowledged ${alert.id}: ${safeText(alert.rule)} on ${subjectText(alert)}`);
    }
  });
}

/** Returns the ids of open alerts that nobody has acknowledged. The empty selector has none. */
async function findOpen(client: BoonerClient, { text }: ViewSelector): Promise<readonly string[]> {
  if (text === '') return [];
  const { alerts } = await client.listAlerts({ status: 'firing', selector: text });
  return alerts.filter(({ acknowledged }) => acknowledged === null).map(({ id }) => id);
}
