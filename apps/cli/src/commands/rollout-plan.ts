import type { BoonerClient } from '@booner/client';
import type { NewRollout } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { planSummary, planTable } from '../texts/plan-texts.ts';
import { addRolloutOptions, type RolloutOptions, requestOf, requireSelector } from './rollout-options.ts';
import { readRolloutParameters } from './rollout-parameters.ts';

/** Adds `booner rollout plan`. */
export function addRolloutPlanCommand(rollout: Command, run: Run): void {
  addRolloutOptions(rollout.command('plan'))
    .description('show what a rollout would do, without doing it')
    .addHelpText(
      'after',
      examples("rollout plan web.deploy --selector 'role=web' -p version=v1.2.3 --batches 1,25%"),
    )
    .action((action: string, options: RolloutOptions, command: Command) =>
      run(command, (context) => planRollout(context, action, options)),
    );
}

/** Runs `booner rollout plan`. JSON: the response of `POST /rollouts/plan`. */
function planRollout(context: Context, action: string, options: RolloutOptions): Promise<undefined> {
  requireSelector(options.selector);
  return withHub(context, async (client) => {
    const request = await readRequest(client, action, options);
    const plan = await client.planRollout(request);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(plan);
    if (plan.hosts.length === 0) return void terminal.note('No target matches.');
    terminal.print(...planTable(plan, terminal), '', ...planSummary(plan, request));
  });
}

/** Reads the request of a rollout, with parameters in the types of the action. */
export async function readRequest(
  client: BoonerClient,
  action: string,
  options: RolloutOptions,
): Promise<NewRollout> {
  const selector = requireSelector(options.selector).text;
  const findHosts = async () => (await client.listTargets({ selector })).map(({ host }) => host);
  const params = await readRolloutParameters(client, options.param, action, findHosts);
  return requestOf(action, options, params);
}
