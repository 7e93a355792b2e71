import type { BoonerClient } from '@booner/client';
import type { Rollout } from '@booner/protocol';
import { isRolloutSettled } from '@booner/protocol/rollout-ends';
import { CliError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { Context } from '../runtime/context.ts';
import { interruption } from '../terminal/interrupted.ts';
import { createRolloutLine } from '../texts/rollout-line.ts';
import { countsText, phaseText, rolloutStatus } from '../texts/rollout-texts.ts';

export type FollowRolloutOptions = {
  /** With JSON: called for each change. */
  readonly onChange?: (rollout: Rollout) => void;
};

/**
 * Shows the progress of a rollout until it has settled, then how it ended. An outage of the hub
 * delays changes.
 * @throws CliError on Ctrl-C: the rollout continues, and the hint shows how to watch or stop it
 */
export async function followRollout(
  { terminal, isJson, stderr }: Context,
  client: BoonerClient,
  id: string,
  { onChange }: FollowRolloutOptions = {},
): Promise<Rollout> {
  using stop = interruption();
  const line = createRolloutLine(stderr, terminal);
  const onOutage = ({ message }: Error) => {
    line.hide();
    terminal.note(`${message}: retrying`);
  };
  const { signal } = stop;
  try {
    for await (const rollout of client.watchRollout(id, { signal, onOutage })) {
      onChange?.(rollout);
      if (!isJson) line.show(rollout);
      if (!isRolloutSettled(rollout)) continue;
      line.hide();
      if (!isJson) showEnd(terminal, rollout);
      return rollout;
    }
    throw new Error(`the watch of rollout ${id} ended before the rollout`);
  } catch (error) {
    throw signal.aborted ? detached(id) : error;
  } finally {
    line.hide();
  }
}

const detached = (id: string) =>
  new CliError(
    'stopped watching; the rollout continues',
    EXIT.interrupted,
    `run \`booner rollout watch ${id}\` to watch it again, or \`booner rollout pause ${id}\` to pause it`,
  );

function showEnd(terminal: Context['terminal'], rollout: Rollout): void {
  const { id, status } = rollout;
  // Elsewhere, the line of the last change has said it.
  if (terminal.isTty) {
    terminal.print(`${rolloutStatus(status, terminal)}: ${countsText(rollout)}, ${phaseText(rollout)}`);
  }
  if (status === 'completed') return;
  terminal.note(`Run \`booner rollout show ${id}\` to see why, or \`booner rollout retry ${id}\` to retry.`);
}

/** Returns 0 for a completed rollout, else 1. */
export const rolloutExitCode = ({ status }: Pick<Rollout, 'status'>): number =>
  status === 'completed' ? EXIT.ok : EXIT.failed;
