import { mkdir, writeFile } from 'node:fs/promises';
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runAgentBench } from './agent/agent-bench.ts';
import { runEvaluationBench } from './alerts/evaluation-bench.ts';
import { runAlertLatencyBench } from './alerts/latency-bench.ts';
import { type PartName, parseBenchArguments, USAGE } from './bench-arguments.ts';
import { runFanOutBench } from './fan-out/fan-out-bench.ts';
import { runDashboardBench } from './history/dashboard-bench.ts';
import { runReadingBench } from './history/reading-bench.ts';
import { runSizeBench } from './history/size-bench.ts';
import { runWritingBench } from './history/writing-bench.ts';
import { runIngestBench } from './ingest/ingest-bench.ts';
import { runOutageBench } from './outage/outage-bench.ts';
import { messageOf, type PartContext, type PartResult } from './part-result.ts';
import { renderPart } from './render-part.ts';
import { runRolloutPageBench } from './rollouts/dashboard-bench.ts';
import { runRolloutBench } from './rollouts/speed-bench.ts';
import { runLatencyBench } from './tasks/latency-bench.ts';
import { runLoadBench } from './tasks/load-bench.ts';
import { runThroughputBench } from './tasks/throughput-bench.ts';

const RESULTS_FOLDER = fileURLToPath(new URL('../results', import.meta.url));

const RUN: Record<PartName, (context: PartContext) => Promise<PartResult>> = {
  agent: runAgentBench,
  'fan-out': runFanOutBench,
  ingest: runIngestBench,
  'tasks-latency': runLatencyBench,
  'tasks-throughput': runThroughputBench,
  'tasks-load': runLoadBench,
  'rollouts-speed': runRolloutBench,
  'rollouts-dashboard': runRolloutPageBench,
  'history-size': runSizeBench,
  'history-writing': runWritingBench,
  'history-reading': runReadingBench,
  'history-dashboard': runDashboardBench,
  'alerts-evaluation': runEvaluationBench,
  'alerts-latency': runAlertLatencyBench,
  outage: runOutageBench,
};

/**
 * Runs the parts one after the other.
 * @returns the exit code: 0 if each ran without failures, whatever its figures
 */
async function main(argv: readonly string[], signal: AbortSignal): Promise<number> {
  let options: ReturnType<typeof parseBenchArguments>;
  try {
    options = parseBenchArguments(argv, RESULTS_FOLDER);
  } catch (error) {
    console.error(`${(error as Error).message}\n${USAGE}`);
    return 2;
  }
  const startedAt = new Date().toISOString();
  const results: Partial<Record<PartName, PartResult>> = {};
  const progress = (text: string) => console.error(`[${new Date().toISOString().slice(11, 19)}] ${text}`);
  for (const part of options.parts) {
    const result = await runPart(part, { isShort: options.isShort, signal, progress });
    results[part] = result;
    console.log(renderPart(result, { withGoals: !options.isShort }));
  }
  const report = { startedAt, isShort: options.isShort, machine: describeMachine(), results };
  await mkdir(dirname(options.jsonFile), { recursive: true });
  await writeFile(options.jsonFile, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`figures: ${options.jsonFile}`);
  return Object.values(results).some(({ failures }) => failures.length > 0) ? 1 : 0;
}

/** A part that throws has failed; the others run all the same. */
async function runPart(part: PartName, context: PartContext): Promise<PartResult> {
  try {
    return await RUN[part](context);
  } catch (error) {
    context.signal.throwIfAborted();
    const failure = messageOf(error);
    return { title: part, head: [], rows: [], goals: [], notes: [], failures: [failure], figures: null };
  }
}

function describeMachine() {
  return {
    cpu: cpus()[0]?.model ?? null,
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    kernel: release(),
    architecture: arch(),
    nodeVersion: process.version,
  };
}

const stop = new AbortController();
for (const name of ['SIGINT', 'SIGTERM'] as const) {
  process.once(name, () => stop.abort(new Error(`stopped by ${name}`)));
}
try {
  process.exitCode = await main(process.argv.slice(2), stop.signal);
} catch (error) {
  if (!stop.signal.aborted) throw error;
  console.error(messageOf(stop.signal.reason));
  process.exitCode = 130; // the status that a shell reports for SIGINT
}
