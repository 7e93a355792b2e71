import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { addHookOptions, type HookOptions, hookOf } from './hook-options.ts';
import { printSavedHook } from './print-saved-hook.ts';
import { readRolloutParameters } from './rollout-parameters.ts';
import { targetsOf } from './trigger-targets.ts';

/** Adds `booner hook set`. */
export function addHookSetCommand(hook: Command, run: Run): void {
  const command = hook
    .command('set')
    .description('set a hook, or replace it; shows the URL and secret of a new one, once')
    .argument('<name>', 'name of the hook, such as deploy-web');
  addHookOptions(command)
    .addHelpText(
      'after',
      examples(
        "hook set deploy-web --action web.deploy -l 'role=web' --field version=/after --when /ref=refs/heads/main",
        'hook set backup --action backup --host 10.0.0.2 --auth token',
      ),
    )
    .action((name: string, options: HookOptions, action: Command) =>
      run(action, (context) => setHook(context, name, options)),
    );
}

/** Runs `booner hook set`. JSON: the response of `PUT /hooks/:name`. */
function setHook(context: Context, name: string, options: HookOptions): Promise<undefined> {
  const targets = targetsOf(options);
  hookOf(options, {}); // what cannot be read is said before the hub is asked
  return withHub(context, async (client) => {
    const findHosts = async () =>
      'host' in targets ? [targets.host] : (await client.listTargets(targets)).map(({ host }) => host);
    const params = await readRolloutParameters(client, options.param, options.action, findHosts);
    const { keepKey } = options;
    const saved = await client.saveHook(name, hookOf(options, params), keepKey === true ? { keepKey } : {});
    return printSavedHook(context, saved);
  });
}
