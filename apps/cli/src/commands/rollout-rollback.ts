import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { readRolloutParameters } from './rollout-parameters.ts';
import { paramOption } from './run-parameters.ts';

type RollbackOptions = { readonly param?: readonly string[] };

/** Adds `booner rollout rollback`. */
export function addRolloutRollbackCommand(rollout: Command, run: Run): void {
  rollout
    .command('rollback')
    .description('start a rollout of an action on the targets that another rollout began')
    .argument('<id>', 'ID from `booner rollout list`')
    .argument('<action>', 'action that undoes it, often the same with an older version')
    .addOption(paramOption())
    .addHelpText('after', examples('rollout rollback V1StGXR8_Z5jdHi6B-myT web.deploy -p version=v1.2.2'))
    .action((id: string, action: string, options: RollbackOptions, command: Command) =>
      run(command, (context) => rollBack(context, id, action, options)),
    );
}

/** Runs `booner rollout rollback`. JSON: the response of `POST /rollouts/:id/rollback`. */
function rollBack(
  context: Context,
  id: string,
  action: string,
  { param }: RollbackOptions,
): Promise<undefined> {
  return withHub(context, async (client) => {
    const findHosts = async () =>
      (await client.readRollout(id)).hosts.flatMap(({ host, taskId }) => (taskId === null ? [] : [host]));
    const params = await readRolloutParameters(client, param, action, findHosts);
    const rollbackId = await client.rollBackRollout(id, { action, params });
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson({ rollout_id: rollbackId });
    terminal.print(rollbackId);
    terminal.note(`Run \`booner rollout watch ${rollbackId}\` to watch it.`);
  });
}
