import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { mergeDistributions, type Percentiles } from '../measure/distribution.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { startWorker, type Worker } from '../processes/worker.ts';
import { INTERVAL_MS, listAgents, measureUsage, startAgents } from './agent-fleet.ts';
import type { AgentsContract, ObserverContract } from './ingest-contract.ts';
import { type IngestFigures, presentIngest } from './ingest-table.ts';

type Scenario = { readonly agents: number; readonly clients: number };
type Plan = {
  readonly scenarios: readonly Scenario[];
  readonly settleMs: number;
  readonly measuredMs: number;
};

const FULL: Plan = {
  scenarios: [
    { agents: 100, clients: 10 },
    { agents: 1000, clients: 10 },
    { agents: 10_000, clients: 10 },
    { agents: 100, clients: 1000 },
  ],
  settleMs: 12_000,
  measuredMs: 60_000,
};
const SHORT: Plan = { scenarios: [{ agents: 50, clients: 60 }], settleMs: 3000, measuredMs: 9000 };

/** Hosts whose samples are watched for their age. */
const WATCHED_MAX = 50;
const CONNECT_TIMEOUT_MS = 60_000;
const REPORT_TIMEOUT_MS = 10_000;

/**
 * Measures a hub's cost for a fleet: a real Redis, a real hub, simulated agents and real
 * connections of clients.
 */
export async function runIngestBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const figures: IngestFigures[] = [];
  const failures: string[] = [];
  for (const scenario of plan.scenarios) {
    const title = `${scenario.agents} agents, ${scenario.clients} clients`;
    context.progress(`ingest: ${title}`);
    try {
      figures.push(await runScenario(scenario, plan, context.signal));
    } catch (error) {
      context.signal.throwIfAborted();
      failures.push(`${title}: ${messageOf(error)}`);
    }
  }
  return presentIngest(figures, failures);
}

async function runScenario(scenario: Scenario, plan: Plan, signal: AbortSignal): Promise<IngestFigures> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis());
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS }));
  const agents = await startAgents({ redisUrl: redis.url, hub, total: scenario.agents }, scope);
  const observer = scope.use(
    await startWorker<ObserverContract>('observer', new URL('observer.ts', import.meta.url)),
  );
  const watched = watchedHosts(scenario.agents);
  await observer.request(
    'connect',
    { port: hub.port, intervalMs: INTERVAL_MS, version1Clients: scenario.clients, watched },
    CONNECT_TIMEOUT_MS,
  );
  await delay(plan.settleMs, undefined, { signal });

  await takeReports(agents, observer); // what was before does not count
  const usage = await measureUsage(hub, redis.pid, plan.measuredMs, signal);
  const reports = await takeReports(agents, observer);
  const listed = (await listAgents(hub.port)).length;
  return {
    ...scenario,
    ...usage,
    ...reports,
    listedAgents: listed,
    expectedPublished: (scenario.agents * plan.measuredMs) / INTERVAL_MS,
    expectedWatched: (watched.length * plan.measuredMs) / INTERVAL_MS,
  };
}

/** Spread over the fleet, and so over the interval. */
function watchedHosts(agents: number) {
  const count = Math.min(agents, WATCHED_MAX);
  return Array.from({ length: count }, (_, index) => hostOf(Math.floor((index * agents) / count)));
}

async function takeReports(agents: readonly Worker<AgentsContract>[], observer: Worker<ObserverContract>) {
  const [observed, ...published] = await Promise.all([
    observer.request('takeReport', null, REPORT_TIMEOUT_MS),
    ...agents.map((worker) => worker.request('takeReport', null, REPORT_TIMEOUT_MS)),
  ]);
  return {
    published: published.reduce((sum, report) => sum + report.published, 0),
    latenessUs: mergeDistributions(
      published.map(({ latenessUs }) => latenessUs),
    ) satisfies Percentiles | null,
    gapDeviationUs: mergeDistributions([observed.gapDeviationUs]),
    sampleAgeMs: mergeDistributions([observed.sampleAgeMs]),
  };
}
