import { tryRun } from '../hosts/command.ts';
import type { Obstacle } from '../hosts/requirements.ts';

const COMMANDS = [
  ...['docker', 'dockerd', 'iptables', 'slirp4netns', 'debootstrap'],
  ...['ip', 'nsenter', 'unshare', 'setpriv', 'git', 'tar', 'curl'],
];

/** Finds the reason why no Docker engine can run on this machine; `null` if one can. */
export async function whyNoEngine(): Promise<Obstacle | null> {
  if (process.platform !== 'linux') return { text: 'A Docker engine needs Linux.', isKernels: false };
  if (process.getuid?.() !== 0) return { text: 'A Docker engine needs root.', isKernels: false };
  const missing = [];
  for (const command of COMMANDS) {
    if ((await tryRun(['sh', '-c', 'command -v "$1"', 'sh', command])).code !== 0) missing.push(command);
  }
  if (missing.length > 0) return { text: `A Docker engine needs ${missing.join(', ')}.`, isKernels: false };
  const attempt =
    'mount -t tmpfs none /run && ip link add name booner0 type bridge && iptables -t nat -L >/dev/null';
  const namespaces = ['--mount', '--net', '--pid', '--mount-proc', '--fork'];
  const { code, stderr } = await tryRun(['unshare', ...namespaces, 'sh', '-c', attempt]);
  if (code === 0) return null;
  return { text: `No Docker engine can run here: ${stderr.trim()}`, isKernels: true };
}
