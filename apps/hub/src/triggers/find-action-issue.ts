import type { TaskBus } from '@booner/bus';
import type { HostId } from '@booner/protocol';
import { mapInTurns } from '../feature/in-turns.ts';

/**
 * Returns why schedules and hooks cannot start an action on any of these hosts that has a runner
 * now; `null`: they can on some, or no host is there to tell.
 */
export async function findActionIssue(
  tasks: Pick<TaskBus, 'readRunner'>,
  hosts: readonly HostId[],
  action: string,
): Promise<string | null> {
  const runners = await mapInTurns(hosts, (host) => tasks.readRunner(host));
  const there = runners.filter((runner) => runner !== null);
  const offers = there.flatMap(({ presence }) => presence.actions.filter(({ name }) => name === action));
  if (there.length === 0 || offers.some(({ schedulable }) => schedulable === true)) return null;
  return offers.length === 0
    ? `no target offers ${action}: write its file on them first`
    : `no target lets schedules and hooks start ${action}: its file must say schedulable: true`;
}
