import type { BoonerClient } from '@booner/client';
import type { Target } from '@booner/protocol';
import { isBehind } from '@booner/protocol/compare-versions';
import { type Command, InvalidArgumentError } from 'commander';
import { usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import { examples, type Run } from '../runtime/command-parts.ts';
import type { Context } from '../runtime/context.ts';
import { withHub } from '../runtime/with-hub.ts';
import { interruption } from '../terminal/interrupted.ts';
import { safeText } from '../terminal/safe-text.ts';
import type { HostUpgrade } from './upgrade-host.ts';

type UpgradeOptions = {
  readonly all?: boolean;
  readonly to?: string;
  readonly continueOnError?: boolean;
  /** Seconds until a host must report the new version. */
  readonly timeout: number;
};

/** Adds `booner target upgrade`. */
export function addTargetUpgradeCommand(target: Command, run: Run): void {
  target
    .command('upgrade')
    .description('upgrade hosts one at a time, and check each before the next')
    .argument('[host...]', 'targets to upgrade')
    .option('--all', 'upgrade all targets with an older version')
    .option('--to <version>', "version to install (default: the hub's version)")
    .option('--continue-on-error', 'continue with the next host if one fails')
    .option('--timeout <seconds>', 'time within which a host must report the new version', wholeSeconds, 180)
    .addHelpText('after', examples('target upgrade 10.0.0.2', 'target upgrade --all --to 0.2.0'))
    .action((hosts: readonly string[], options: UpgradeOptions, command: Command) =>
      run(command, (context) => upgradeTargets(context, hosts, options)),
    );
}

/**
 * Runs `booner target upgrade`. JSON: `{version, hosts: [{host, from, status, detail, taskId}]}`,
 * where `status` is `upgraded`, `current`, `failed`, `by_hand` or `not_tried`. Exits with 1 unless
 * every host has the version in the end.
 */
function upgradeTargets(
  context: Context,
  hosts: readonly string[],
  options: UpgradeOptions,
): Promise<number | undefined> {
  if ((hosts.length === 0) === (options.all !== true)) {
    throw usageError('specify hosts or --all, not both', 'run `booner target upgrade --help` for examples');
  }
  return withHub(context, async (client) => {
    using stop = interruption();
    const { terminal, isJson } = context;
    const version = options.to ?? (await hubVersion(client));
    const targets = await chooseTargets(client, hosts, version);
    const done: HostUpgrade[] = [];
    const { upgradeHost } = await import('./upgrade-host.ts');
    let isStopped = false;
    for (const target of targets) {
      if (isStopped) {
        done.push(notTried(target));
        continue;
      }
      if (!isJson)
        terminal.note(`${target.host}: ${target.inventory?.agentVersion ?? 'unknown'} -> ${version}`);
      const upgrade = await upgradeHost(target, {
        client,
        version,
        timeoutMs: options.timeout * 1000,
        signal: stop.signal,
        report: (text) => void (isJson || terminal.note(`  ${terminal.style('dim', safeText(text))}`)),
      });
      done.push(upgrade);
      if (!isJson)
        terminal.print(
          `${target.host}: ${upgrade.status.replace('_', ' ')}${upgrade.detail === null ? '' : `: ${safeText(upgrade.detail)}`}`,
        );
      isStopped = upgrade.status === 'failed' && options.continueOnError !== true;
    }
    report(context, version, done);
    return done.every(({ status }) => status === 'upgraded' || status === 'current')
      ? undefined
      : EXIT.failed;
  });
}

function report({ terminal, isJson }: Context, version: string, hosts: readonly HostUpgrade[]): void {
  if (isJson) terminal.printJson({ version, hosts });
  else if (hosts.length === 0) terminal.print(`No target has a version older than ${version}.`);
  if (isJson) return;
  const left = hosts.filter(({ status }) => status === 'not_tried').map(({ host }) => host);
  if (left.length > 0)
    terminal.note(
      `Skipped after the failure: ${left.join(', ')}. To continue after failures, pass --continue-on-error.`,
    );
}

const notTried = (target: Target): HostUpgrade => ({
  host: target.host,
  from: target.inventory?.agentVersion ?? null,
  status: 'not_tried',
  detail: null,
  taskId: null,
});

async function hubVersion(client: BoonerClient): Promise<string> {
  const { version } = await client.readAccess();
  if (typeof version !== 'string')
    throw usageError('the hub does not report its version', 'pass --to VERSION');
  return version;
}

/** Returns the named targets in order, or all that report an older version. */
async function chooseTargets(
  client: BoonerClient,
  hosts: readonly string[],
  version: string,
): Promise<readonly Target[]> {
  if (hosts.length > 0) return Promise.all([...new Set(hosts)].map((host) => client.readTarget(host)));
  const all = await client.listTargets();
  return all.filter(({ inventory }) => inventory !== null && isBehind(inventory.agentVersion, version));
}

function wholeSeconds(text: string): number {
  const seconds = Number(text);
  if (!Number.isInteger(seconds) || seconds < 1 || seconds > 86_400) {
    throw new InvalidArgumentError('must be a whole number of seconds from 1 to 86400.');
  }
  return seconds;
}
