import { mergeDistributions, type Percentiles } from '../measure/distribution.ts';
import { messageOf, type PartContext, type PartResult } from '../part-result.ts';
import { startWorker, type Worker } from '../processes/worker.ts';
import { assertAllSeen, openAudience } from './audience-bed.ts';
import { type LatencyFigures, presentLatency } from './latency-table.ts';
import type { ProbeContract } from './tasks-contract.ts';
import { ANSWER_TIMEOUT_MS, openTaskBed, runnerHosts, startRunners } from './test-bed.ts';

type Plan = {
  readonly otherClients: readonly number[];
  /** Warm-up, which is not counted. */
  readonly warmUpMs: number;
  readonly measuredMs: number;
};

const FULL: Plan = { otherClients: [0, 100, 1000], warmUpMs: 2000, measuredMs: 15_000 };
const SHORT: Plan = { otherClients: [20], warmUpMs: 500, measuredMs: 1500 };

/**
 * Measures the time from a change of a task to its clients: a real Redis, a real hub, one task
 * after the other.
 */
export async function runLatencyBench(context: PartContext): Promise<PartResult> {
  const plan = context.isShort ? SHORT : FULL;
  const figures: LatencyFigures[] = [];
  const failures: string[] = [];
  for (const otherClients of plan.otherClients) {
    context.progress(`tasks: latency with ${otherClients} other clients`);
    try {
      figures.push(await runScenario(otherClients, plan));
    } catch (error) {
      failures.push(`${otherClients} other clients: ${messageOf(error)}`);
    }
    context.signal.throwIfAborted();
  }
  return presentLatency(figures, failures);
}

async function runScenario(otherClients: number, plan: Plan): Promise<LatencyFigures> {
  await using scope = new AsyncDisposableStack();
  const bed = await openTaskBed(scope);
  const runners = await startRunners(bed, { runners: 1, conduct: 'steps' }, scope);
  const audience = otherClients > 0 ? await openAudience(bed, otherClients, scope) : null;
  const probe = scope.use(await startWorker<ProbeContract>('probe', new URL('probe.ts', import.meta.url)));
  const [host] = runnerHosts(1);
  await probe.request('connect', { port: bed.hub.port, host: host! }, ANSWER_TIMEOUT_MS);
  await runProbe(probe, plan.warmUpMs);
  const report = await runProbe(probe, plan.measuredMs);
  await runners.request('takeReport', null, ANSWER_TIMEOUT_MS); // rejects with what went wrong
  await bed.store.assertNoneLate();
  if (audience) await assertAllSeen(bed, audience);
  return {
    otherClients,
    rounds: report.rounds,
    createdUs: percentilesOf(report.createdUs),
    reportUs: percentilesOf(report.reportUs),
    version1CreatedUs: percentilesOf(report.version1CreatedUs),
    version1EndUs: percentilesOf(report.version1EndUs),
  };
}

const runProbe = (probe: Worker<ProbeContract>, durationMs: number) =>
  probe.request('run', { durationMs }, durationMs + ANSWER_TIMEOUT_MS);

function percentilesOf(encoded: string): Percentiles {
  const percentiles = mergeDistributions([encoded]);
  if (!percentiles) throw new Error('nothing was measured');
  return percentiles;
}
