import { setTimeout as delay } from 'node:timers/promises';
import { startRedis } from '@booner/testkit';
import { INTERVAL_MS, measureUsage, startAgents } from '../ingest/agent-fleet.ts';
import { readEventLoopLag } from '../measure/event-loop-lag.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { type EvaluationFigures, presentEvaluation } from './evaluation-table.ts';
import { setRules } from './rules-api.ts';

type Plan = { readonly agents: readonly number[]; readonly settleMs: number; readonly measuredMs: number };

const FULL: Plan = { agents: [10_000], settleMs: 12_000, measuredMs: 24_000 };
const SHORT: Plan = { agents: [50], settleMs: 2000, measuredMs: 6000 };
const RULES = 20;

/** Metrics of hosts, so that each rule has one window per host. */
const METRICS = [
  'cpuUsageRatio',
  'cpuIowaitRatio',
  'memoryUsageRatio',
  'memoryAvailableRatio',
  'diskUsageRatio',
] as const;
const FUNCTIONS = ['avg', 'max', 'min', 'last'] as const;

/** 20 rules of all functions over 5 minutes, which nothing meets. */
const rules = (): Readonly<Record<string, object>> =>
  Object.fromEntries(
    Array.from({ length: RULES }, (_, index) => {
      const metric = METRICS[index % METRICS.length] as string;
      const when = { metric, function: FUNCTIONS[index % FUNCTIONS.length], over: '5m' };
      const isLow = metric === 'memoryAvailableRatio';
      const warn = isLow ? { on: 0, off: 0.01 } : { on: 1, off: 0.99 };
      return [`rule-${index}`, { selector: '*', when, warn, for: '1h' }];
    }),
  );

/** Measures what the evaluation of rules costs a hub: the same fleet without and with rules. */
export async function runEvaluationBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const figures: EvaluationFigures[] = [];
  const failures: string[] = [];
  for (const agents of plan.agents) {
    for (const count of [0, RULES]) {
      const title = `${agents} agents, ${count} rules`;
      context.progress(`alerts: ${title}`);
      try {
        figures.push(await runScenario(agents, count, plan, context.signal));
      } catch (error) {
        context.signal.throwIfAborted();
        failures.push(`${title}: ${messageOf(error)}`);
      }
    }
  }
  return presentEvaluation(figures, failures);
}

async function runScenario(
  agents: number,
  count: number,
  plan: Plan,
  signal: AbortSignal,
): Promise<EvaluationFigures> {
  await using scope = new AsyncDisposableStack();
  const redis = scope.use(await startRedis());
  const env = { BOONER_HISTORY_DIR: 'off' };
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS, env }));
  await setRules(hub, count === 0 ? {} : rules());
  await startAgents({ redisUrl: redis.url, hub, total: agents }, scope);
  await delay(plan.settleMs, undefined, { signal });
  await readEventLoopLag(hub.port); // counts from here
  const before = await readEvaluations(hub.port);
  const usage = await measureUsage(hub, redis.pid, plan.measuredMs, signal);
  const evaluations = (await readEvaluations(hub.port)) - before;
  if (evaluations < agents) throw new Error(`the hub evaluated ${evaluations} hosts`);
  return { agents, rules: count, evaluations, ...usage, ...(await readEventLoopLag(hub.port)) };
}

async function readEvaluations(port: number): Promise<number> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const value = /^booner_hub_alert_evaluations_total (\S+)$/m.exec(text)?.[1];
  if (value === undefined) throw new Error('GET /metrics has no evaluations of alerts');
  return Number(value);
}
