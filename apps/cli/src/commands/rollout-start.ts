import type { BoonerClient } from '@booner/client';
import type { NewRollout } from '@booner/protocol';
import type { Command } from 'commander';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import { confirm } from '../runtime/confirm.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { planSummary, planTable } from '../texts/plan-texts.ts';
import { targetsText } from '../texts/rollout-texts.ts';
import { followRollout, rolloutExitCode } from './follow-rollout.ts';
import { addRolloutOptions, type RolloutOptions, requireSelector } from './rollout-options.ts';
import { readRequest } from './rollout-plan.ts';

type StartOptions = RolloutOptions & { readonly yes?: boolean; readonly detach?: boolean };

/** Adds `booner rollout start`. */
export function addRolloutStartCommand(rollout: Command, run: Run): void {
  addRolloutOptions(rollout.command('start'))
    .description('run an action on many targets, in batches, and watch it')
    .option('-y, --yes', 'do not ask before it starts')
    .option('-d, --detach', 'do not watch it')
    .addHelpText(
      'after',
      examples(
        "rollout start web.deploy --selector 'role=web' -p version=v1.2.3",
        "rollout start web.deploy -l 'role=web' --batches 1,10%,50% --max-failures 5% --wait 10m",
        "rollout start web.deploy -l 'role=web' --check web.smoke-test --approval between --yes --detach",
      ),
    )
    .action((action: string, options: StartOptions, command: Command) =>
      run(command, (context) => startRollout(context, action, options)),
    );
}

/**
 * Runs `booner rollout start`. JSON: the ended rollout, as in `GET /rollouts/:id`; with `--detach`,
 * the response of `POST /rollouts`.
 */
function startRollout(context: Context, action: string, options: StartOptions): Promise<number | undefined> {
  requireSelector(options.selector);
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const request = await readRequest(client, action, options);
    await showPlan(context, client, request, options.yes === true);
    const id = await client.startRollout(request);
    if (options.detach) {
      if (isJson) return void terminal.printJson({ rollout_id: id });
      terminal.print(id);
      return void terminal.note(`Run \`booner rollout watch ${id}\` to watch it.`);
    }
    if (!isJson) terminal.note(`Rollout ${id}`);
    const ended = await followRollout(context, client, id);
    if (isJson) terminal.printJson(ended);
    return rolloutExitCode(ended);
  });
}

/**
 * Shows the plan on stderr, and asks. If nobody is asked, what it says of each host is left out.
 * @throws CliError if no target matches, or the answer is no
 */
async function showPlan(
  context: Context,
  client: BoonerClient,
  request: NewRollout,
  isConfirmed: boolean,
): Promise<void> {
  const { terminal, isJson } = context;
  const plan = await client.planRollout(request);
  const { length } = plan.hosts;
  if (length === 0) {
    throw usageError('no target matches the selector', 'run `booner targets` to see the labels of targets');
  }
  const lines = [...(isConfirmed ? [] : [...planTable(plan, terminal), '']), ...planSummary(plan, request)];
  if (!isJson) for (const line of lines) terminal.note(line);
  if (isConfirmed || (await confirm(context, `Start this rollout on ${targetsText(length)}?`))) return;
  throw new CliError('no rollout was started', EXIT.failed);
}
