import type { Rollout, RolloutHost } from '@booner/protocol';

/**
 * Returns a newer version of a rollout in which hosts that have not changed keep their objects, so
 * that only the cells of the others render again.
 */
export function shareHosts(before: Rollout | null, next: Rollout): Rollout {
  if (before === null || before.id !== next.id) return next;
  const known = before.hosts;
  let isSame = known.length === next.hosts.length;
  const hosts = next.hosts.map((host, index) => {
    const old = known[index];
    if (old !== undefined && isEqual(old, host)) return old;
    isSame = false;
    return host;
  });
  return { ...next, hosts: isSame ? known : hosts };
}

function isEqual(a: RolloutHost, b: RolloutHost): boolean {
  const names = Object.keys(b) as (keyof RolloutHost)[];
  return names.every((name) => a[name] === b[name]);
}
