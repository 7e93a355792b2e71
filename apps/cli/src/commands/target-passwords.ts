import type { EnrolledHost } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { ageText, oldSecretText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type Column, renderTable } from '../terminal/table.ts';

/** Adds `booner target passwords`. */
export function addTargetPasswordsCommand(target: Command, run: Run): void {
  target
    .command('passwords')
    .description('list the enrolled hosts with the age of their Redis passwords')
    .addHelpText('after', examples('target passwords'))
    .action((_options: object, command: Command) => run(command, listPasswords));
}

const COLUMNS: readonly Column[] = [
  { title: 'HOST', shrinksTo: 12 },
  { title: 'USERS' },
  { title: 'ENROLLED', align: 'right' },
  { title: 'BY', shrinksTo: 12, dispensable: 1 },
  { title: 'PASSWORDS SINCE', align: 'right' },
  { title: 'NOTE' },
];

/** Runs `booner target passwords`. JSON: the response of `GET /identities`. */
function listPasswords(context: Context): Promise<undefined> {
  return withHub(context, async (client) => {
    const identities = await client.listIdentities();
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ identities });
    if (identities.length === 0) return void terminal.note('No host is enrolled.');
    const nowMs = Date.now();
    terminal.print(
      ...renderTable(
        COLUMNS,
        identities.map((host) => rowOf(host, nowMs)),
        terminal,
      ),
    );
    const oldest = identities[0];
    if (oldest !== undefined && oldSecretText(oldest.passwordsSinceMs, nowMs) !== '') {
      terminal.note(`\nTo replace the passwords of a host, run \`booner target rotate ${oldest.host}\`.`);
    }
  });
}

function rowOf(enrolled: EnrolledHost, nowMs: number): string[] {
  const { host, agent, runner, enrolledAtMs, enrolledBy, passwordsSinceMs } = enrolled;
  return [
    safeText(host),
    [agent ? 'agent' : '', runner ? 'runner' : ''].filter(Boolean).join(', '),
    ageText(enrolledAtMs, nowMs),
    safeText(enrolledBy ?? ''),
    ageText(passwordsSinceMs, nowMs),
    oldSecretText(passwordsSinceMs, nowMs),
  ];
}
