import type { Command } from 'commander';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import { confirm } from '../runtime/confirm.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { hookStateText } from '../texts/hook-texts.ts';
import { printSavedHook } from './print-saved-hook.ts';

type ConfirmOptions = { readonly yes?: boolean };

const NAME = ['<name>', 'name from `booner hook list`'] as const;

const DIRECTIONS = [
  ['pause', 'start nothing more; rollouts that it has started continue', 'pauseHook'],
  ['resume', 'start rollouts again', 'resumeHook'],
] as const;

/** Adds `booner hook rotate`, `pause`, `resume` and `remove`. */
export function addHookSteerCommands(hook: Command, run: Run): void {
  hook
    .command('rotate')
    .description('replace URL and secret, and show the new ones once; the old ones are invalid at once')
    .argument(...NAME)
    .option('-y, --yes', 'do not ask before they are replaced')
    .addHelpText('after', examples('hook rotate deploy-web'))
    .action((name: string, options: ConfirmOptions, command: Command) =>
      run(command, (context) => rotateHook(context, name, options)),
    );
  for (const [direction, description, method] of DIRECTIONS) {
    hook
      .command(direction)
      .description(description)
      .argument(...NAME)
      .addHelpText('after', examples(`hook ${direction} deploy-web`))
      .action((name: string, _options: object, command: Command) =>
        run(command, (context) => steer(context, name, method)),
      );
  }
  hook
    .command('remove')
    .description('remove a hook; rollouts that it has started continue')
    .argument(...NAME)
    .option('-y, --yes', 'do not ask before it is removed')
    .addHelpText('after', examples('hook remove deploy-web'))
    .action((name: string, options: ConfirmOptions, command: Command) =>
      run(command, (context) => removeHook(context, name, options)),
    );
}

/** Runs `booner hook rotate`. JSON: the response of `POST /hooks/:name/rotate`. */
function rotateHook(context: Context, name: string, { yes = false }: ConfirmOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    const question = `Replace URL and secret of ${safeText(name)}? Its sender has to be given the new ones.`;
    if (!yes && !(await confirm(context, question))) throw new CliError('nothing was replaced', EXIT.failed);
    return printSavedHook(context, await client.rotateHook(name));
  });
}

/** JSON: the response, which is the hook as in `GET /hooks/:name`. */
function steer(context: Context, name: string, method: (typeof DIRECTIONS)[number][2]): Promise<undefined> {
  return withHub(context, async (client) => {
    const changed = await client[method](name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(changed);
    terminal.print(`${safeText(changed.name)}: ${hookStateText(changed, terminal)}`);
  });
}

/** Runs `booner hook remove`. JSON: `{removed}`, the name. */
function removeHook(context: Context, name: string, { yes = false }: ConfirmOptions): Promise<undefined> {
  return withHub(context, async (client) => {
    if (!yes && !(await confirm(context, `Remove the hook ${safeText(name)}?`)))
      throw new CliError('no hook was removed', EXIT.failed);
    await client.removeHook(name);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ removed: name });
    terminal.print(`Removed ${safeText(name)}`);
  });
}
