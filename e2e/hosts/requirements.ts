import { tryRun } from './command.ts';

const COMMANDS = ['systemd-nspawn', 'debootstrap', 'ip', 'nsenter', 'setpriv', 'curl', 'redis-server'];

/** A reason why this machine cannot boot hosts. */
export type Obstacle = {
  readonly text: string;
  /**
   * Cannot be fixed on this machine: its kernel, or the container that this runs in, forbids it.
   */
  readonly isKernels: boolean;
};

/** Finds the reason why this machine cannot boot hosts; `null` if it can. */
export async function whyNoHosts(): Promise<Obstacle | null> {
  if (process.platform !== 'linux') return { text: 'Real hosts need Linux.', isKernels: false };
  if (process.getuid?.() !== 0) return { text: 'Real hosts need root.', isKernels: false };
  const missing = [];
  for (const command of COMMANDS) {
    if ((await tryRun(['sh', '-c', 'command -v "$1"', 'sh', command])).code !== 0) missing.push(command);
  }
  if (missing.length > 0) return { text: `Real hosts need ${missing.join(', ')}.`, isKernels: false };
  return whyNoNamespaces();
}

/**
 * Tries the kinds of namespaces, a mount and a pair of network cards, all of which end with the
 * process.
 */
async function whyNoNamespaces(): Promise<Obstacle | null> {
  const attempt = 'mount -t tmpfs none /mnt && ip link add name booner0 type veth peer name booner1';
  const namespaces = ['--mount', '--net', '--pid', '--ipc', '--uts', '--cgroup', '--fork'];
  const { code, stderr } = await tryRun(['unshare', ...namespaces, 'sh', '-c', attempt]);
  if (code === 0) return null;
  return { text: `Namespaces are forbidden here: ${stderr.trim()}`, isKernels: true };
}
