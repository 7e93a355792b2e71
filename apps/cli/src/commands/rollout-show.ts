import type { Command } from 'commander';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { timeText } from '../terminal/figures.ts';
import { safeText } from '../terminal/safe-text.ts';
import { paramFacts, printFacts } from '../texts/print-facts.ts';
import { hostLines } from '../texts/rollout-hosts.ts';
import { countsText, rolloutStatus } from '../texts/rollout-texts.ts';

/** Adds `booner rollout show`. */
export function addRolloutShowCommand(rollout: Command, run: Run): void {
  rollout
    .command('show')
    .description('show a rollout, its hosts by status, and why hosts failed')
    .argument('<id>', 'ID from `booner rollout list`')
    .addHelpText('after', examples('rollout show V1StGXR8_Z5jdHi6B-myT'))
    .action((id: string, _options: object, command: Command) =>
      run(command, (context) => showRollout(context, id)),
    );
}

/** Runs `booner rollout show`. JSON: the response of `GET /rollouts/:id`. */
function showRollout(context: Context, id: string): Promise<undefined> {
  return withHub(context, async (client) => {
    const rollout = await client.readRollout(id);
    const { terminal, isJson } = context;
    if (isJson) return void terminal.printJson(rollout);
    const { request, batch, batches } = rollout;
    const time = (atMs: number | null) => (atMs === null ? null : timeText(atMs));
    printFacts(terminal, [
      ['rollout', rollout.id],
      ['status', rolloutStatus(rollout.status, terminal)],
      ['reason', rollout.reason === null ? null : safeText(rollout.reason)],
      ['action', request.action],
      ...paramFacts(request.params),
      ['selector', safeText(request.selector)],
      ['rollback of', rollout.rollbackOf],
      ['hosts', countsText(rollout)],
      ['batch', batches === 0 ? null : `${Math.min(batch + 1, batches)} of ${batches}`],
      ['created by', rollout.createdBy === null ? null : safeText(rollout.createdBy)],
      ['created', time(rollout.createdAtMs)],
      ['started', time(rollout.startedAtMs)],
      ['ended', time(rollout.endedAtMs)],
      ['approve until', time(rollout.gate?.approval?.expiresAtMs ?? null)],
    ]);
    terminal.print(...hostLines(rollout.hosts, terminal));
    if ((rollout.counts.failed ?? 0) > 0)
      terminal.note('Run `booner logs TASK` to see the output of a task.');
  });
}
