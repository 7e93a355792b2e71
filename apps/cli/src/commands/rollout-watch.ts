import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { followRollout, rolloutExitCode } from './follow-rollout.ts';

/** Adds `booner rollout watch`. */
export function addRolloutWatchCommand(rollout: Command, run: Run): void {
  rollout
    .command('watch')
    .description('show the progress of a rollout until it ends; Ctrl-C stops watching, not the rollout')
    .argument('<id>', 'ID from `booner rollout list`')
    .addHelpText('after', examples('rollout watch V1StGXR8_Z5jdHi6B-myT'))
    .action((id: string, _options: object, command: Command) =>
      run(command, (context) => watchRollout(context, id)),
    );
}

/** Runs `booner rollout watch`. JSON: one line per change, the rollout without its hosts. */
function watchRollout(context: Context, id: string): Promise<number> {
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    await client.readRollout(id); // fails early if the hub is unreachable or the rollout unknown
    const ended = await followRollout(context, client, id, {
      onChange({ hosts: _, ...head }) {
        if (isJson) terminal.printJsonLine(head);
      },
    });
    return rolloutExitCode(ended);
  });
}
