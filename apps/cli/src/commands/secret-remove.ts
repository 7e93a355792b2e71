import type { Command } from 'commander';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import { confirm } from '../runtime/confirm.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { addSecretTargets, type SecretOptions, selectorOf } from './secret-targets.ts';

type RemoveOptions = SecretOptions & { readonly yes?: boolean };

/** Adds `booner secret remove`. */
export function addSecretRemoveCommand(secret: Command, run: Run): void {
  const command = secret
    .command('remove')
    .description('remove a secret from targets, or from all of them; queued tasks keep theirs')
    .argument('<name>', 'name from `booner secret list`');
  addSecretTargets(command)
    .option('-y, --yes', 'do not ask before it is removed')
    .addHelpText('after', examples('secret remove deploy-token', 'secret remove deploy-token 10.0.0.2 --yes'))
    .action((name: string, hosts: readonly string[], options: RemoveOptions, action: Command) =>
      run(action, (context) => removeSecret(context, name, hosts, options)),
    );
}

/** Runs `booner secret remove`. JSON: the response of `DELETE /secrets/:name`. */
async function removeSecret(
  context: Context,
  name: string,
  hosts: readonly string[],
  { yes = false, ...options }: RemoveOptions,
): Promise<undefined> {
  const selector = selectorOf(hosts, options);
  return withHub(context, async (client) => {
    const from = selector === undefined ? 'all targets' : safeText(selector);
    if (!yes && !(await confirm(context, `Remove the secret ${safeText(name)} from ${from}?`)))
      throw new CliError('no secret was removed', EXIT.failed);
    const removed = await client.removeSecret(name, selector === undefined ? {} : { selector });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(removed);
    terminal.print(`Removed ${safeText(removed.name)} from ${removed.hosts.map(safeText).join(', ')}`);
  });
}
