import { setTimeout as delay } from 'node:timers/promises';
import { eventually } from '@booner/testkit';
import { cpuBetweenNs, memoryUsage, readTreeCpu } from '../measure/process-usage.ts';
import type { HubUnderTest } from '../processes/hub-process.ts';
import { startWorker, type Worker } from '../processes/worker.ts';
import type { AgentsContract } from './ingest-contract.ts';

export const INTERVAL_MS = 3000;
const AGENT_PROCESSES = 2;
const START_DEADLINE_MS = 20_000;
const ALL_SEEN_DEADLINE_MS = 60_000;
const MEMORY_EVERY_MS = 1000;

export type AgentFleet = {
  readonly redisUrl: string;
  readonly hub: HubUnderTest;
  /** Agents have the hosts of index 0 to this number. */
  readonly total: number;
};

/** Starts simulated agents, which end with `scope`. Resolves when the hub lists all of them. */
export async function startAgents({ redisUrl, hub, total }: AgentFleet, scope: AsyncDisposableStack) {
  const workers: Worker<AgentsContract>[] = [];
  for (let first = 0; first < AGENT_PROCESSES; first++) {
    const worker = scope.use(
      await startWorker<AgentsContract>(`agents ${first}`, new URL('agents.ts', import.meta.url)),
    );
    await worker.request(
      'start',
      { redisUrl, first, step: AGENT_PROCESSES, total, intervalMs: INTERVAL_MS },
      START_DEADLINE_MS,
    );
    workers.push(worker);
  }
  await eventually(async () => (await listAgents(hub.port)).length === total, {
    deadlineMs: ALL_SEEN_DEADLINE_MS,
    everyMs: 250,
    what: `${total} agents in the hub's list`,
  });
  return workers;
}

export async function listAgents(port: number): Promise<readonly object[]> {
  const response = await fetch(`http://127.0.0.1:${port}/agents`);
  if (!response.ok) throw new Error(`GET /agents was answered by ${response.status}`);
  return ((await response.json()) as { agents: object[] }).agents;
}

/** Measures the CPU of a hub and its Redis, as shares of a core, and the hub's most memory. */
export async function measureUsage(
  hub: HubUnderTest,
  redisPid: number,
  measuredMs: number,
  signal: AbortSignal,
) {
  const startMs = performance.now();
  const before = { hub: readTreeCpu(hub.pid), redis: readTreeCpu(redisPid) };
  let rssBytes = 0;
  let anonymousBytes = 0;
  while (performance.now() - startMs < measuredMs) {
    const leftMs = measuredMs - (performance.now() - startMs);
    await delay(Math.min(MEMORY_EVERY_MS, leftMs), undefined, { signal });
    hub.assertRuns();
    const memory = memoryUsage(hub.pid);
    rssBytes = Math.max(rssBytes, memory.rssBytes);
    anonymousBytes = Math.max(anonymousBytes, memory.anonymousBytes);
  }
  const elapsedNs = (performance.now() - startMs) * 1e6;
  return {
    hubCpuRatio: cpuBetweenNs(before.hub, readTreeCpu(hub.pid)) / elapsedNs,
    redisCpuRatio: cpuBetweenNs(before.redis, readTreeCpu(redisPid)) / elapsedNs,
    rssBytes,
    anonymousBytes,
  };
}
