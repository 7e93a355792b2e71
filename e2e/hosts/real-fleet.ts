import { join } from 'node:path';
import { baseSystem } from './base-system.ts';
import { bootMachine, copySystem, type Machine } from './machine.ts';
import { type HostNetwork, HUB_HOST, makeNetwork } from './network.ts';
import { cacheFolder, makeRunFolder } from './run-folder.ts';

/**
 * Hosts 10.0.0.1 (the hub's), 10.0.0.2 and so on, each with a real systemd, on a network of their
 * own. Disposal removes every process, network namespace, mount, control group and file.
 */
export type RealFleet = AsyncDisposable & {
  /** Prefix of the names of everything that it makes on this machine. */
  readonly name: string;
  /** The hub's host. Its network namespace is where Redis and clients run, too. */
  readonly hub: Machine;
  /** From 10.0.0.2 on. */
  readonly targets: readonly Machine[];
  readonly network: HostNetwork;
  /** For the files of one run; removed with it. */
  readonly folder: string;
  /**
   * Returns the arguments that run a command on a host's network but with this machine's files: for
   * programs that hosts lack.
   */
  onNetworkOf(host: string, argv: readonly string[]): [string, ...string[]];
};

export type RealFleetOptions = {
  readonly targets: number;
  /** Debian packages that the hosts have besides the usual ones. */
  readonly packages?: readonly string[];
};

/** Boots a hub's host and this many targets. The first call makes the base system. */
export async function startRealFleet({ targets, packages }: RealFleetOptions): Promise<RealFleet> {
  await using resources = new AsyncDisposableStack();
  const { name, folder } = resources.use(await makeRunFolder());
  const base = await baseSystem(cacheFolder(), folder, packages);
  const hosts = Array.from({ length: targets }, (_, index) => `10.0.0.${index + 2}`);
  const network = await makeNetwork(name, hosts);
  const start = async (host: string, hostname: string) => {
    const root = join(folder, hostname);
    await copySystem(base, root, hostname);
    const namespace = network.namespaceOf(host);
    return bootMachine({
      host,
      folder: root,
      namespace,
      card: network.cardOf(host),
      group: `${name}-${hostname}`,
    });
  };
  const starting = [
    start(HUB_HOST, 'hub'),
    ...hosts.map((host) => start(host, `target${host.split('.').at(-1)}`)),
  ];
  await Promise.allSettled(starting); // none is still starting when the failed ones are removed
  const [hub, ...others] = await Promise.all(starting);
  const owned = resources.move();
  return {
    name,
    hub: hub!,
    targets: others,
    network,
    folder,
    onNetworkOf: (host, argv) => ['ip', 'netns', 'exec', network.namespaceOf(host), ...argv],
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}
