import type { BoonerClient } from '@booner/client';
import type { Rollout } from '@booner/protocol';
import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { countsText, rolloutStatus } from '../texts/rollout-texts.ts';

type CancelOptions = { readonly running?: boolean };

const ID = ['<id>', 'ID from `booner rollout list`'] as const;

const DIRECTIONS = [
  ['pause', 'begin no further targets; tasks that have begun continue', 'pauseRollout'],
  ['resume', 'continue a paused rollout', 'resumeRollout'],
  ['approve', 'approve a rollout that waits for it, and that another person started', 'approveRollout'],
  ['retry', 'retry the failed targets of a rollout that has ended, then continue', 'retryRollout'],
] as const;

/** Adds `booner rollout pause`, `resume`, `approve`, `retry` and `cancel`. */
export function addRolloutSteerCommands(rollout: Command, run: Run): void {
  for (const [name, description, method] of DIRECTIONS) {
    rollout
      .command(name)
      .description(description)
      .argument(...ID)
      .addHelpText('after', examples(`rollout ${name} V1StGXR8_Z5jdHi6B-myT`))
      .action((id: string, _options: object, command: Command) =>
        run(command, (context) => steer(context, (client) => client[method](id))),
      );
  }
  rollout
    .command('cancel')
    .description('cancel a rollout and its queued tasks')
    .argument(...ID)
    .option('--running', 'cancel the tasks that run, too')
    .addHelpText('after', examples('rollout cancel V1StGXR8_Z5jdHi6B-myT --running'))
    .action((id: string, { running = false }: CancelOptions, command: Command) =>
      run(command, (context) =>
        steer(context, (client) => client.cancelRollout(id, { running: running ? 'cancel' : 'finish' })),
      ),
    );
}

/** JSON: the response, which is the rollout as in `GET /rollouts/:id`. */
function steer(context: Context, send: (client: BoonerClient) => Promise<Rollout>): Promise<undefined> {
  return withHub(context, async (client) => {
    const rollout = await send(client);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(rollout);
    const status = rolloutStatus(rollout.status, terminal);
    terminal.print(`Rollout ${rollout.id}: ${status}, ${countsText(rollout)}`);
  });
}
