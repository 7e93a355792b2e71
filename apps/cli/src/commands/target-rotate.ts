import type { BoonerClient, BoonerError } from '@booner/client';
import type { RotatedTarget } from '@booner/protocol';
import type { Command } from 'commander';
import { CliError, usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';

type RotateOptions = { readonly all?: boolean };

/** Adds `booner target rotate`. */
export function addTargetRotateCommand(target: Command, run: Run): void {
  target
    .command('rotate')
    .description('replace the Redis passwords of hosts while they go on publishing')
    .argument('[host...]', 'targets to rotate')
    .option('--all', 'rotate every enrolled host, one after the other, the oldest passwords first')
    .addHelpText('after', examples('target rotate 10.0.0.2', 'target rotate --all'))
    .action((hosts: readonly string[], { all = false }: RotateOptions, command: Command) =>
      run(command, (context) => {
        if (all === hosts.length > 0) throw usageError('specify targets or --all, not both');
        return rotateTargets(context, all ? null : hosts);
      }),
    );
}

type NotRotated = { readonly host: string; readonly reason: string };

/**
 * Runs `booner target rotate`. JSON: `rotated`, the responses of `POST /targets/:host/rotate`, and
 * `notRotated`, the hosts that could not be rotated with the reasons. Fails if there are any.
 * @param hosts `null`: every enrolled host
 */
function rotateTargets(context: Context, hosts: readonly string[] | null): Promise<undefined> {
  return withHub(context, async (client) => {
    const { terminal, isJson } = context;
    const chosen = hosts ?? (await client.listIdentities()).map(({ host }) => host);
    if (chosen.length === 0) return void terminal.note('No host is enrolled.');
    const rotated: RotatedTarget[] = [];
    const notRotated: NotRotated[] = [];
    for (const host of new Set(chosen)) {
      const outcome = await rotate(client, host);
      if ('reason' in outcome) notRotated.push(outcome);
      else rotated.push(outcome);
      if (!isJson) terminal.print(outcomeText(outcome));
    }
    if (isJson) terminal.printJson({ rotated, notRotated });
    if (notRotated.length > 0) {
      const hosts = `${notRotated.length} of ${notRotated.length + rotated.length} hosts`;
      throw new CliError(`${hosts} were not rotated`, EXIT.failed);
    }
  });
}

/** Rejects with `BoonerError` unless it is the host that could not be rotated. */
async function rotate(client: BoonerClient, host: string): Promise<RotatedTarget | NotRotated> {
  try {
    return await client.rotateTarget(host);
  } catch (error) {
    const { code, message } = error as BoonerError;
    if (code !== 'conflict' && code !== 'not_found') throw error;
    return { host, reason: message };
  }
}

const outcomeText = (outcome: RotatedTarget | NotRotated): string =>
  'reason' in outcome
    ? `${safeText(outcome.host)}: not rotated. ${safeText(outcome.reason)}`
    : `${outcome.host}: rotated (${outcome.roles.join(' and ')})`;
