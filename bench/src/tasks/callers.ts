import type { HostId, JsonObject, TaskEvent, TaskMap } from '@booner/protocol';
import { createDistribution } from '../measure/distribution.ts';
import { monotonicUs } from '../measure/monotonic-us.ts';
import { serveRequests } from '../processes/worker.ts';
import { createAwaitedEnds } from './awaited-ends.ts';
import { createCallerLoop } from './caller-loop.ts';
import { createTaskPoster, type TaskPoster } from './task-poster.ts';
import { watchEvents, watchMaps } from './task-watcher.ts';
import type { CallersContract } from './tasks-contract.ts';

const CONNECTIONS = 64;
const TASK_TIMEOUT_MS = 20_000;

const wholeUs = createDistribution();
const reportUs = createDistribution();
const version1EndUs = createDistribution();
const ends = createAwaitedEnds();
let poster: TaskPoster | null = null;
let targets: readonly HostId[] = [];
let completed = 0;
let failure: Error | null = null;
let shownEnded: ReadonlySet<string> = new Set();

const reportProblem = (problem: string) => {
  failure ??= new Error(problem);
};

const loop = createCallerLoop(async (caller) => {
  if (!poster) throw new Error('not connected');
  const { id, sentAtUs } = await poster.post(targets[caller % targets.length]!);
  await ends.completed(id, TASK_TIMEOUT_MS);
  wholeUs.record(monotonicUs() - sentAtUs);
  completed++;
});

serveRequests<CallersContract>({
  async connect({ port, hosts, watchesVersion1 }) {
    targets = hosts;
    poster = createTaskPoster(port, CONNECTIONS);
    await watchEvents({ port, onProblem: reportProblem, onEvent });
    if (watchesVersion1) await watchMaps({ port, onProblem: reportProblem, onMap });
    return null;
  },
  keepOpen({ tasks }) {
    loop.start(tasks);
    return null;
  },
  takeReport() {
    assertRuns();
    const report = {
      completed,
      wholeUs: wholeUs.encode(),
      reportUs: reportUs.encode(),
      version1EndUs: version1EndUs.encode(),
    };
    completed = 0;
    for (const distribution of [wholeUs, reportUs, version1EndUs]) distribution.reset();
    return report;
  },
  async stop() {
    await loop.stop();
    assertRuns();
    return null;
  },
});

function assertRuns(): void {
  loop.assertRuns();
  if (failure) throw failure;
}

function onEvent({ kind, task }: TaskEvent, atUs: number): void {
  if (kind === 'progress') reportUs.record(atUs - Number(task.message));
  if (kind !== 'ended') return;
  ends.seen(task.id, task.status);
  recordAge(task.result, atUs, reportUs.record);
}

/** Recorded once per ended task, at the first map that shows the end. */
function onMap(map: TaskMap, atUs: number): void {
  const ended = new Set<string>();
  for (const [id, { status, result }] of Object.entries(map)) {
    if (status !== 'completed') continue;
    ended.add(id);
    if (!shownEnded.has(id)) recordAge(result, atUs, version1EndUs.record);
  }
  shownEnded = ended;
}

/** Real runners do not say when they sent a result. */
function recordAge(result: JsonObject | null | undefined, atUs: number, record: (us: number) => void): void {
  const sentAtUs = result?.sentAtUs;
  if (typeof sentAtUs === 'number') record(atUs - sentAtUs);
}
