import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { readText } from '../gpu/sysfs-file.ts';

/** The part of systeminformation's description of the machine that is used here. */
export type SystemFacts = {
  readonly virtual: boolean;
  readonly virtualHost?: string;
  readonly model: string;
};

export type VirtualizationSources = {
  readonly readSystem: () => Promise<SystemFacts>;
  /**
   * Mount point of the host's root, if this process is in a container that describes the host.
   */
  readonly hostRoot?: string | undefined;
  /** Runs systemd-detect-virt(1) with these options; `null` if it is not installed. */
  readonly askSystemd?: (options: readonly string[]) => Promise<string | null>;
  readonly root?: string;
};

/** A word of systemd-detect-virt(1). */
const WORD = /^[a-z0-9-]{1,40}$/;

/**
 * Returns the hypervisor or container that the system runs in, in the terms of
 * systemd-detect-virt(1), such as `kvm` or `docker`; where there is none, by systeminformation.
 * `null` on bare metal or when unknown. With a `hostRoot`, the container of this process does not
 * count: the host is described, which may itself be in a container or a virtual machine.
 */
export async function detectVirtualization({
  readSystem,
  hostRoot,
  askSystemd = runDetectVirt,
  root = '/',
}: VirtualizationSources): Promise<string | null> {
  const isHost = hostRoot !== undefined;
  if (isHost) {
    const container = await readContainerOf(hostRoot);
    if (container !== null) return container;
  }
  const word = await askSystemd(isHost ? ['--vm'] : []);
  if (word !== null) return word === 'none' ? null : word;
  const { virtual, virtualHost, model } = await readSystem();
  if (model === 'Docker Container' && !isHost) return 'docker';
  if (model === 'WSL') return 'wsl';
  if (virtualHost) return virtualHost.toLowerCase();
  return virtual || (await hasHypervisor(root)) ? 'virtual machine' : null;
}

/** Returns what systemd wrote about the container that it is in, such as `lxc`. */
async function readContainerOf(hostRoot: string): Promise<string | null> {
  const word = await readText(join(hostRoot, 'run/systemd/container'));
  return word !== null && WORD.test(word) ? word : null;
}

/** Returns true if an x86 processor says that a hypervisor runs this kernel. */
async function hasHypervisor(root: string): Promise<boolean> {
  return /^flags\s*:.*\bhypervisor\b/m.test((await readText(join(root, 'proc/cpuinfo'))) ?? '');
}

/** The program prints one word, and `none` with exit code 1. */
function runDetectVirt(options: readonly string[]): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('systemd-detect-virt', options, { timeout: 3000 }, (_error, stdout) => {
      const word = stdout.trim();
      resolve(WORD.test(word) ? word : null);
    });
  });
}
