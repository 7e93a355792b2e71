import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { INTERVAL_MS, measureUsage, startAgents } from '../ingest/agent-fleet.ts';
import { readEventLoopLag } from '../measure/event-loop-lag.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { presentWriting, type WritingFigures } from './writing-table.ts';

type Plan = { readonly agents: readonly number[]; readonly settleMs: number; readonly measuredMs: number };

/** Over a minute, so that each host stores one. */
const FULL: Plan = { agents: [1000, 10_000], settleMs: 8000, measuredMs: 63_000 };
const SHORT: Plan = { agents: [50], settleMs: 2000, measuredMs: 6000 };

/** Measures what recording costs a hub: the same fleet without and with a history. */
export async function runWritingBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const figures: WritingFigures[] = [];
  const failures: string[] = [];
  for (const agents of plan.agents) {
    for (const hasHistory of [false, true]) {
      const title = `${agents} agents, ${hasHistory ? 'with' : 'without'} a history`;
      context.progress(`history: ${title}`);
      try {
        figures.push(await runScenario({ agents, hasHistory }, plan, context.signal));
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(`${title}: ${messageOf(error)}`);
      }
    }
  }
  return presentWriting(figures, failures);
}

async function runScenario(
  scenario: Pick<WritingFigures, 'agents' | 'hasHistory'>,
  plan: Plan,
  signal: AbortSignal,
): Promise<WritingFigures> {
  await using scope = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  scope.defer(() => rm(directory, { recursive: true }));
  const redis = scope.use(await startRedis());
  const env = { BOONER_HISTORY_DIR: scenario.hasHistory ? directory : 'off' };
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS, env }));
  await startAgents({ redisUrl: redis.url, hub, total: scenario.agents }, scope);
  await delay(plan.settleMs, undefined, { signal });
  await readEventLoopLag(hub.port); // counts from here
  const usage = await measureUsage(hub, redis.pid, plan.measuredMs, signal);
  const figures = { ...scenario, ...usage, ...(await readEventLoopLag(hub.port)) };
  if (scenario.hasHistory) await assertRecorded(hub.port);
  return figures;
}

/** @throws Error if the hub has no history: its figures would mean nothing */
async function assertRecorded(port: number): Promise<void> {
  const url = `http://127.0.0.1:${port}/targets/${hostOf(0)}/history?range=5m&metrics=cpuUsageRatio`;
  const response = await fetch(url);
  const { timesMs } = (await response.json()) as { timesMs?: readonly number[] };
  if ((timesMs ?? []).length < 2) throw new Error(`GET ${url} has no samples: ${response.status}`);
}
