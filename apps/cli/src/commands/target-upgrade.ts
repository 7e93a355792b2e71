import type { BoonerClient } from '@booner/client';
import type { Target } from '@booner/protocol';
import { isBehind } from '@booner/protocol/compare-versions';
import { usageError } from '../errors/cli-error.ts';
import { EXIT } from '../errors/exit-codes.ts';
import type { UpgradeOptions } from '../program/target-commands.ts';
import type { Context } from '../runtime/context.ts';
import { interruption } from '../runtime/interrupted.ts';
import { withHub } from '../runtime/with-hub.ts';
import { safeText } from '../terminal/safe-text.ts';
import { type HostUpgrade, upgradeHost } from './upgrade-host.ts';

/**
 * `booner target upgrade`. JSON: `{"version", "hosts": [{host, from, status, detail, taskId}]}`, where `status` is `upgraded`,
 * `current`, `failed`, `by_hand` or `not_tried`. Ends with 1 unless every host has the version in the end.
 */
export function upgradeTargets(
  context: Context,
  hosts: readonly string[],
  options: UpgradeOptions,
): Promise<number | undefined> {
  if ((hosts.length === 0) === (options.all !== true)) {
    throw usageError('name some hosts, or say --all', '`booner target upgrade --help` shows examples');
  }
  return withHub(context, async (client, hub) => {
    using stop = interruption();
    const { terminal, isJson } = context;
    const version = options.to ?? (await hubVersion(client));
    const targets = await chooseTargets(client, hosts, version);
    const done: HostUpgrade[] = [];
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
        hubUrl: hub.url,
        version,
        timeoutMs: options.timeout * 1000,
        signal: stop.signal,
        say: (text) => void (isJson || terminal.note(`  ${terminal.style('dim', safeText(text))}`)),
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
  else if (hosts.length === 0) terminal.print(`No target is behind ${version}.`);
  if (isJson) return;
  const left = hosts.filter(({ status }) => status === 'not_tried').map(({ host }) => host);
  if (left.length > 0)
    terminal.note(`Not tried after the failure: ${left.join(', ')}. --continue-on-error goes on.`);
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
    throw usageError('the hub does not say its version', '--to VERSION names one');
  return version;
}

/** The named ones in their order, or all that report an older version. */
async function chooseTargets(
  client: BoonerClient,
  hosts: readonly string[],
  version: string,
): Promise<readonly Target[]> {
  if (hosts.length > 0) return Promise.all([...new Set(hosts)].map((host) => client.readTarget(host)));
  const all = await client.listTargets();
  return all.filter(({ inventory }) => inventory !== null && isBehind(inventory.agentVersion, version));
}
