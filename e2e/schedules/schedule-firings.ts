import type { Firing } from '@booner/protocol';
import { eventually, type HubProcess } from '@booner/testkit';
import { expect } from 'vitest';
import { ask } from '../access/asking.ts';
import type { StartedTask } from '../rollouts/rollout-bed.ts';

export const readSchedule = async (hub: HubProcess, name: string) =>
  (await ask(hub, 'GET', `/schedules/${name}`, { token: hub.adminToken })).json;

/** Collects the firings of a schedule, of which hubs show the last ones. */
export function collectFirings(name: string) {
  const firings = new Map<number, Firing>();
  const collect = async (hub: HubProcess) => {
    for (const firing of (await readSchedule(hub, name)).firings as Firing[])
      firings.set(firing.dueAtMs, firing);
  };
  return {
    collect,
    /** Pauses the schedule, and waits until what it started has ended. */
    end: async (hub: HubProcess) => {
      await eventually(async () => (await ask(hub, 'POST', `/schedules/${name}/pause`)).status === 200, {
        what: 'the pause',
      });
      const settled = async () => {
        await collect(hub);
        return ![...firings.values()].some(
          ({ outcome, endedAtMs }) => outcome === 'started' && endedAtMs === null,
        );
      };
      await eventually(settled, { what: 'the last rollout to end', deadlineMs: 120_000 });
      return firings;
    },
  };
}

/**
 * Expects that each time was handled, and that each one that fired has one rollout of one task.
 * @param everyMs between two times
 */
export async function expectFiredOnce(
  hub: HubProcess,
  firings: ReadonlyMap<number, Firing>,
  { started, everyMs }: { readonly started: readonly StartedTask[]; readonly everyMs: number },
): Promise<void> {
  const due = [...firings.keys()].sort((a, b) => a - b);
  expect(due).toHaveLength((due.at(-1)! - due[0]!) / everyMs + 1);
  const fired = [...firings.values()].filter(({ outcome }) => outcome === 'started');
  const { json } = await ask(hub, 'GET', '/rollouts?limit=500');
  const made: string[] = json.rollouts.map(({ id }: { id: string }) => id);
  expect(made.toSorted()).toEqual(fired.map(({ rolloutId }) => rolloutId).toSorted());
  expect(started).toHaveLength(fired.length);
  expect(fired.every(({ status }) => status === 'completed')).toBe(true);
}
