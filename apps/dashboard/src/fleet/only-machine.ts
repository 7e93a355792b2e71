import type { MainServer, TargetSummary } from '@booner/protocol';

/**
 * Returns the host of the only target if the hub says that it is the main server itself, as in
 * embedded mode. `null` otherwise.
 */
export function onlyMachine(targets: readonly TargetSummary[], mainServer: MainServer | null): string | null {
  const [target, ...others] = targets;
  if (target === undefined || others.length > 0 || target.status !== 'active') return null;
  return mainServer?.host === target.host ? target.host : null;
}
