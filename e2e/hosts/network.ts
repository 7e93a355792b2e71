import { run, tryRun } from './command.ts';

/** The address of the hub's host. */
export const HUB_HOST = '10.0.0.1';

/**
 * The hosts' own network, 10.0.0.0/24. It exists only inside network namespaces, so runs can be
 * concurrent.
 */
export type HostNetwork = {
  /** Name of a host's namespace. */
  namespaceOf(host: string): string;
  /** Name of its network card there. */
  cardOf(host: string): string;
  /** Unplugs the cable of a target. */
  partition(host: string): Promise<void>;
  heal(host: string): Promise<void>;
};

/**
 * Makes a namespace for the hub's host with a bridge, 10.0.0.1, and one for each target, connected
 * to it by a pair of virtual cards. The hosts' own cards are still down.
 * @param run prefix of the namespaces' names
 * @param targets addresses 10.0.0.2 to 10.0.0.254
 */
export async function makeNetwork(run: string, targets: readonly string[]): Promise<HostNetwork> {
  const hub = `${run}-1`;
  const namespaceOf = (host: string) => `${run}-${host.split('.').at(-1)}`;
  await ip('netns', 'add', hub);
  await ip('-n', hub, 'link', 'set', 'lo', 'up');
  await ip('-n', hub, 'link', 'add', 'br0', 'type', 'bridge');
  await ip('-n', hub, 'addr', 'add', `${HUB_HOST}/24`, 'dev', 'br0');
  for (const host of targets) {
    const own = namespaceOf(host);
    await ip('netns', 'add', own);
    await ip('-n', hub, 'link', 'add', cable(host), 'type', 'veth', 'peer', 'name', 'host0', 'netns', own);
    await ip('-n', hub, 'link', 'set', cable(host), 'master', 'br0', 'up');
    await ip('-n', own, 'addr', 'add', `${host}/24`, 'dev', 'host0');
    await ip('-n', own, 'link', 'set', 'lo', 'up');
  }
  return {
    namespaceOf,
    cardOf: (host) => (host === HUB_HOST ? 'br0' : 'host0'),
    partition: (host) => ip('-n', hub, 'link', 'set', cable(host), 'down'),
    heal: (host) => ip('-n', hub, 'link', 'set', cable(host), 'up'),
  };
}

/** The network namespaces on this machine with names like that. */
export async function findNamespaces(name: RegExp): Promise<string[]> {
  const names = (await run(['ip', 'netns', 'list'])).match(/^\S+/gm) ?? [];
  return names.filter((candidate) => name.test(candidate));
}

/** Removes a network namespace, and kills what still runs in it. */
export async function removeNamespace(name: string): Promise<void> {
  const { stdout } = await tryRun(['ip', 'netns', 'pids', name]);
  for (const pid of stdout.match(/\d+/g) ?? []) await tryRun(['kill', '-KILL', pid]);
  await ip('netns', 'delete', name);
}

/** The name of a target's card on the bridge. */
const cable = (host: string) => `to-${host.split('.').at(-1)}`;

async function ip(...args: string[]): Promise<void> {
  await run(['ip', ...args]);
}
