import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@booner/testkit';
import { mergeDistributions, type Percentiles } from '../measure/distribution.ts';
import { cpuBetweenNs, memoryUsage, readTreeCpu } from '../measure/process-usage.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import type { Worker } from '../processes/worker.ts';
import { type Audience, assertAllSeen, openAudience } from './audience-bed.ts';
import { type LoadFigures, presentLoad } from './load-table.ts';
import type { CallersContract, RunnersContract } from './tasks-contract.ts';
import {
  ANSWER_TIMEOUT_MS,
  openTaskBed,
  runnerHosts,
  startCallers,
  startRunners,
  type TaskBed,
} from './test-bed.ts';

type Plan = {
  readonly clients: number;
  readonly runners: number;
  /** Running at a time, over all runners. */
  readonly tasks: number;
  readonly reportsPerSecond: number;
  readonly settleMs: number;
  readonly measuredMs: number;
};

/**
 * Eighteen of a task's twenty changes are reports; the creation and the start make up the rest of
 * 1,000 a second.
 */
const FULL: Plan = {
  clients: 1000,
  runners: 10,
  tasks: 240,
  reportsPerSecond: 900,
  settleMs: 3000,
  measuredMs: 10_000,
};
const SHORT: Plan = {
  clients: 40,
  runners: 2,
  tasks: 40,
  reportsPerSecond: 180,
  settleMs: 500,
  measuredMs: 2000,
};

const START_DEADLINE_MS = 15_000;

/**
 * Measures what clients receive when much changes at once: a real Redis, a real hub, reports at a
 * rate that does not wait for them.
 */
export async function runLoadBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const clients = `${plan.clients} clients`;
  context.progress(`tasks: load with ${clients}`);
  try {
    return presentLoad([await runScenario(plan, context.signal)], []);
  } catch (error) {
    context.signal.throwIfAborted();
    return presentLoad([], [`${clients}: ${messageOf(error)}`]);
  }
}

async function runScenario(plan: Plan, signal: AbortSignal): Promise<LoadFigures> {
  await using scope = new AsyncDisposableStack();
  const bed = await openTaskBed(scope);
  const runners = await startRunners(bed, { runners: plan.runners, conduct: 'paced' }, scope);
  const callers = await startCallers(bed, { hosts: runnerHosts(plan.runners), watchesVersion1: true }, scope);
  const audience = await openAudience(bed, plan.clients, scope);

  await callers.request('keepOpen', { tasks: plan.tasks }, ANSWER_TIMEOUT_MS);
  const started = audience.eventsBefore + 2 * plan.tasks;
  await eventually(async () => (await bed.store.countEvents()) >= started, {
    deadlineMs: START_DEADLINE_MS,
    what: `${plan.tasks} tasks that run`,
  });
  await runners.request('pace', { reportsPerSecond: plan.reportsPerSecond }, ANSWER_TIMEOUT_MS);
  await delay(plan.settleMs, undefined, { signal });
  const processes = { runners, callers, audience };
  await takeReports(processes); // what was before does not count
  const usage = await measureUsage(bed, plan.measuredMs, signal);
  const reports = await takeReports(processes);

  await runners.request('letGo', null, ANSWER_TIMEOUT_MS);
  await callers.request('stop', null, ANSWER_TIMEOUT_MS);
  bed.hub.assertRuns();
  await bed.store.assertNoneLate();
  const eventsInAll = await assertAllSeen(bed, audience);
  return {
    clients: plan.clients,
    tasks: plan.tasks,
    dueReports: (plan.reportsPerSecond * usage.elapsedMs) / 1000,
    ...usage,
    ...reports,
    eventsInAll,
  };
}

async function measureUsage({ hub, redis, store }: TaskBed, measuredMs: number, signal: AbortSignal) {
  const eventsBefore = await store.countEvents();
  const startMs = performance.now();
  const before = { hub: readTreeCpu(hub.pid), redis: readTreeCpu(redis.pid) };
  await delay(measuredMs, undefined, { signal });
  const elapsedMs = performance.now() - startMs;
  return {
    elapsedMs,
    hubCpuRatio: cpuBetweenNs(before.hub, readTreeCpu(hub.pid)) / (elapsedMs * 1e6),
    redisCpuRatio: cpuBetweenNs(before.redis, readTreeCpu(redis.pid)) / (elapsedMs * 1e6),
    hubRssBytes: memoryUsage(hub.pid).rssBytes,
    events: (await store.countEvents()) - eventsBefore,
  };
}

type Processes = {
  readonly runners: Worker<RunnersContract>;
  readonly callers: Worker<CallersContract>;
  readonly audience: Audience;
};

async function takeReports({ runners, callers, audience }: Processes) {
  const [reported, called, heard] = await Promise.all([
    runners.request('takeReport', null, ANSWER_TIMEOUT_MS),
    callers.request('takeReport', null, ANSWER_TIMEOUT_MS),
    audience.worker.request('takeReport', null, ANSWER_TIMEOUT_MS),
  ]);
  return {
    reports: reported.reports,
    latenessUs: percentilesOf(reported.latenessUs),
    ageUs: percentilesOf(heard.progressUs),
    version1AgeUs: percentilesOf(called.version1EndUs),
    version1Messages: heard.version1Messages,
    version1Bytes: heard.version1Bytes,
  };
}

const percentilesOf = (encoded: string): Percentiles | null => mergeDistributions([encoded]);
