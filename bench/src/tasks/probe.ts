import { setTimeout as delay } from 'node:timers/promises';
import type { TaskEvent, TaskMap } from '@booner/protocol';
import { createDistribution, type Distribution } from '../measure/distribution.ts';
import { serveRequests } from '../processes/worker.ts';
import { createAwaitedEnds } from './awaited-ends.ts';
import { createTaskPoster } from './task-poster.ts';
import { watchEvents, watchMaps } from './task-watcher.ts';
import type { ProbeContract } from './tasks-contract.ts';

const TASK_TIMEOUT_MS = 10_000;
/**
 * Longer than the 50 ms between two maps of a burst, so that none is pending at a creation; random,
 * so that it does not align with other timers.
 */
const PAUSE_MS = { least: 55, more: 20 };

const createdUs = createDistribution();
const reportUs = createDistribution();
const version1CreatedUs = createDistribution();
const version1EndUs = createDistribution();
const ends = createAwaitedEnds();
const mapEnds = createAwaitedEnds();
/** When the tasks of this round were first seen. */
const eventAtUs = new Map<string, number>();
const mapAtUs = new Map<string, number>();
const shownEnded = new Set<string>();
let make: (() => Promise<{ id: string; sentAtUs: number }>) | null = null;
let failure: Error | null = null;

const reportProblem = (problem: string) => {
  failure ??= new Error(problem);
};

serveRequests<ProbeContract>({
  async connect({ port, host }) {
    const poster = createTaskPoster(port, 1);
    make = () => poster.post(host);
    await watchEvents({ port, onProblem: reportProblem, onEvent });
    await watchMaps({ port, onProblem: reportProblem, onMap });
    return null;
  },
  async run({ durationMs }) {
    const endMs = performance.now() + durationMs;
    let rounds = 0;
    while (performance.now() < endMs) {
      await delay(PAUSE_MS.least + Math.random() * PAUSE_MS.more);
      await runRound();
      rounds++;
      if (failure) throw failure;
    }
    return {
      rounds,
      createdUs: takeOut(createdUs),
      version1CreatedUs: takeOut(version1CreatedUs),
      reportUs: takeOut(reportUs),
      version1EndUs: takeOut(version1EndUs),
    };
  },
});

function takeOut(distribution: Distribution): string {
  const encoded = distribution.encode();
  distribution.reset();
  return encoded;
}

async function runRound(): Promise<void> {
  if (!make) throw new Error('not connected');
  const { id, sentAtUs } = await make();
  await Promise.all([ends.completed(id, TASK_TIMEOUT_MS), mapEnds.completed(id, TASK_TIMEOUT_MS)]);
  createdUs.record(takeTime(eventAtUs, id) - sentAtUs);
  version1CreatedUs.record(takeTime(mapAtUs, id) - sentAtUs);
}

function takeTime(times: Map<string, number>, id: string): number {
  const atUs = times.get(id);
  times.delete(id);
  if (atUs === undefined) throw new Error('the end of a task was seen, but not its creation');
  return atUs;
}

function onEvent({ kind, task }: TaskEvent, atUs: number): void {
  if (kind === 'created') eventAtUs.set(task.id, atUs);
  if (kind === 'progress') reportUs.record(atUs - Number(task.message));
  if (kind !== 'ended') return;
  reportUs.record(atUs - Number(task.result?.sentAtUs));
  ends.seen(task.id, task.status);
}

/** The oldest of the tasks go from the map again; they stay in `shownEnded`, which a run bounds. */
function onMap(map: TaskMap, atUs: number): void {
  for (const [id, { status, result }] of Object.entries(map)) {
    if (shownEnded.has(id)) continue;
    if (!mapAtUs.has(id)) mapAtUs.set(id, atUs);
    if (status === 'queued' || status === 'running') continue;
    shownEnded.add(id);
    version1EndUs.record(atUs - Number(result?.sentAtUs));
    mapEnds.seen(id, status);
  }
}
