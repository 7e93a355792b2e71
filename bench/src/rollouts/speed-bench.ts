import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@booner/testkit';
import { cpuBetweenNs, readTreeCpu } from '../measure/process-usage.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import type { HubUnderTest } from '../processes/hub-process.ts';
import { ACTION, type RolloutBed, startRolloutBed } from './rollout-bed.ts';
import { presentRollouts, type RolloutFigures } from './speed-table.ts';

type Plan = { readonly hosts: number; readonly batch: number; readonly rounds: number };

const FULL: Plan = { hosts: 500, batch: 50, rounds: 5 };
const SHORT: Plan = { hosts: 40, batch: 10, rounds: 1 };
const DEADLINE_MS = 120_000;

/**
 * Measures rollouts of an action that takes no time, next to the same number of tasks that a client
 * creates at once by itself.
 */
export async function runRolloutBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const bed = await startRolloutBed(plan.hosts, scope);
  const figures: RolloutFigures[] = [];
  for (let round = 0; round <= plan.rounds; round += 1) {
    progress(`rollouts: round ${round} of ${plan.rounds}`);
    await delay(1000, undefined, { signal });
    const rollout = await measure(bed.hub, async () => bed.untilDone(await bed.create(plan.batch)));
    const apart = await measure(bed.hub, () => createApart(bed));
    // The first round compiles code.
    if (round > 0) figures.push({ ...plan, rollout, apart });
  }
  await bed.assertSound();
  return presentRollouts(figures);
}

/** Measures the time of something and the hub's CPU time meanwhile. */
async function measure(hub: HubUnderTest, run: () => Promise<void>) {
  const [startMs, before] = [performance.now(), readTreeCpu(hub.pid)];
  await run();
  const elapsedMs = performance.now() - startMs;
  return { elapsedMs, cpuMs: cpuBetweenNs(before, readTreeCpu(hub.pid)) / 1e6 };
}

async function createApart({ hosts, ask }: RolloutBed): Promise<void> {
  const tasks = await Promise.all(
    hosts.map((host) => ask('POST', '/tasks', { host, ...ACTION }) as Promise<{ task_id: string }>),
  );
  const ids = new Set(tasks.map(({ task_id: id }) => id));
  await eventually(
    async () => {
      const { tasks: page } = (await ask('GET', '/tasks?version=2&status=completed&limit=500')) as {
        tasks: { id: string }[];
      };
      return page.filter(({ id }) => ids.has(id)).length === ids.size;
    },
    { deadlineMs: DEADLINE_MS, everyMs: 100, what: 'the tasks to end' },
  );
}
