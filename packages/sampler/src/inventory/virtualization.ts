import { execFile } from 'node:child_process';

/** The part of systeminformation's description of the machine that is used here. */
export type SystemFacts = {
  readonly virtual: boolean;
  readonly virtualHost?: string;
  readonly model: string;
};

/**
 * Returns the hypervisor or container that the system runs in, in the terms of
 * systemd-detect-virt(1), such as `kvm` or `docker`; where there is none, by systeminformation.
 * `null` on bare metal or when unknown.
 */
export async function detectVirtualization(readSystem: () => Promise<SystemFacts>): Promise<string | null> {
  const word = await askSystemd();
  if (word !== null) return word === 'none' ? null : word;
  const { virtual, virtualHost, model } = await readSystem();
  if (model === 'Docker Container') return 'docker';
  if (model === 'WSL') return 'wsl';
  if (!virtual) return null;
  return virtualHost ? virtualHost.toLowerCase() : 'virtual machine';
}

/**
 * Runs it. It prints one word, and `none` with exit code 1. `null` if it is not installed or does
 * not answer.
 */
function askSystemd(): Promise<string | null> {
  return new Promise((resolve) => {
    execFile('systemd-detect-virt', { timeout: 3000 }, (_error, stdout) => {
      const word = stdout.trim();
      resolve(/^[a-z0-9-]{1,40}$/.test(word) ? word : null);
    });
  });
}
