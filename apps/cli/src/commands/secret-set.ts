import type { SecretOutcome } from '@booner/client';
import { parseHostId } from '@booner/protocol/host-id';
import type { Command } from 'commander';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { renderTable } from '../terminal/table.ts';
import { readSecretValue } from './read-secret-value.ts';
import { addSecretTargets, type SecretOptions, selectorOf } from './secret-targets.ts';

/** Adds `booner secret set`. */
export function addSecretSetCommand(secret: Command, run: Run): void {
  const command = secret
    .command('set')
    .description('set a secret of targets, or replace it; asks for its value, or reads it from stdin')
    .argument('<name>', 'name of the secret, such as deploy-token');
  addSecretTargets(command)
    .addHelpText(
      'after',
      examples(
        'secret set deploy-token 10.0.0.2',
        "secret set deploy-token --selector 'role=web' < token.txt",
        'pass show web/tls-key | booner secret set tls-key 10.0.0.2 10.0.0.3',
      ),
    )
    .action((name: string, hosts: readonly string[], options: SecretOptions, action: Command) =>
      run(action, (context) => setSecret(context, name, hosts, options)),
    );
}

const COLUMNS = [{ title: 'HOST', shrinksTo: 12 }, { title: 'SEALED FOR KEY' }] as const;

/**
 * Runs `booner secret set`. JSON: `{name, targets, withoutRunner}`. Fails if a target has no
 * runner, after it set the secret of the others.
 */
async function setSecret(
  context: Context,
  name: string,
  hosts: readonly string[],
  options: SecretOptions,
): Promise<undefined> {
  const selector = selectorOf(hosts, options);
  if (selector === undefined) throw usageError('specify targets or --selector');
  const value = await readSecretValue(context);
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const outcome = await client.setSecret(name, value, { selector });
    const { targets } = outcome;
    if (isJson) terminal.printJson(outcome);
    else if (targets.length > 0) {
      const rows = targets.map(({ host, runnerKey }) => [safeText(host), safeText(runnerKey)]);
      terminal.print(...renderTable(COLUMNS, rows, terminal));
    }
    return void requireAll(outcome, hosts);
  });
}

/** @throws CliError if a secret was not set for one of the targets that a command means */
function requireAll({ name, targets, withoutRunner }: SecretOutcome, hosts: readonly string[]): void {
  if (withoutRunner.length > 0) {
    const left = withoutRunner.map(safeText).join(', ');
    throw new CliError(
      `${safeText(name)} is not set for ${left}: no runner serves them now`,
      EXIT.failed,
      'start booner-runner on them, and run this again',
    );
  }
  const known = new Set(targets.map(({ host }) => host));
  const unknown = hosts.filter((host) => !known.has(parseHostId(host) ?? host));
  if (unknown.length > 0 || targets.length === 0) {
    const which = unknown.length === 0 ? 'that match' : unknown.map(safeText).join(', ');
    throw new CliError(`there are no targets ${which} that you may act on`, EXIT.notFound);
  }
}
