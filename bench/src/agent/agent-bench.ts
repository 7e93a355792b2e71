import { existsSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseHostId } from '@booner/protocol/host-id';
import { metricsChannel } from '@booner/protocol/redis-names';
import { eventually, freePort, type RunningProcess, startProcess, startRedis } from '@booner/testkit';
import { Redis } from 'ioredis';
import { cpuBetweenNs, memoryUsage, readTreeCpu } from '../measure/process-usage.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { PLAIN_NODE } from '../processes/plain-node.ts';
import { type AgentFigures, presentAgents } from './agent-table.ts';

const INTERVAL_MS = 3000;
const FULL = { startUpMs: 15_000, measuredMs: 120_000 };
const SHORT = { startUpMs: 3000, measuredMs: 6000 };
const READY_DEADLINE_MS = 15_000;

const AGENT = fileURLToPath(new URL('../../../apps/agent/src/main.ts', import.meta.url));
const AGENT_HOST = parseHostId('127.0.0.2')!;
/** The path in the Debian and Ubuntu package. */
const NODE_EXPORTER = '/usr/bin/prometheus-node-exporter';

type Candidate = {
  readonly name: AgentFigures['name'];
  readonly process: RunningProcess;
  /** Samples or scrapes so far; `null` for a process that does nothing. */
  readonly count: () => number | null;
};

/** Compares daemons that watch this host at the same time and cadence, once they have started. */
export async function runAgentBench(context: PartContext): Promise<PartResult> {
  const { startUpMs, measuredMs } = context.isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const notes: string[] = [];
  const candidates = [await startAgent(scope), await startBareNode(scope)];
  if (existsSync(NODE_EXPORTER)) candidates.push(await startNodeExporter(scope));
  else notes.push('prometheus-node-exporter is not installed: not compared.');

  context.progress(`agent: ${startUpMs / 1000} s to start`);
  await delay(startUpMs, undefined, { signal: context.signal });
  context.progress(`agent: ${measuredMs / 1000} s of measuring`);
  const meters = candidates.map(startMeter);
  const endMs = performance.now() + measuredMs;
  while (performance.now() < endMs) {
    const leftMs = endMs - performance.now();
    await delay(Math.min(INTERVAL_MS, leftMs), undefined, { signal: context.signal });
    for (const meter of meters) meter.lookAtMemory();
  }
  const figures = meters.map((meter) => meter.stop());
  return presentAgents(figures, Math.floor(measuredMs / INTERVAL_MS), notes);
}

function startMeter({ name, process, count }: Candidate) {
  const startMs = performance.now();
  const cpuBefore = readTreeCpu(process.pid);
  const countBefore = count();
  const memory = { rssBytes: 0, anonymousBytes: 0 };
  return {
    lookAtMemory() {
      if (process.hasExited()) throw new Error(`${name} ended:\n${lastWords(process)}`);
      const now = memoryUsage(process.pid);
      memory.rssBytes = Math.max(memory.rssBytes, now.rssBytes);
      memory.anonymousBytes = Math.max(memory.anonymousBytes, now.anonymousBytes);
    },
    stop(): AgentFigures {
      const elapsedNs = (performance.now() - startMs) * 1e6;
      const countNow = count();
      return {
        name,
        cpuRatio: cpuBetweenNs(cpuBefore, readTreeCpu(process.pid)) / elapsedNs,
        ...memory,
        samples: countNow === null ? null : countNow - (countBefore ?? 0),
        measuredMs: elapsedNs / 1e6,
      };
    },
  };
}

/** This repository's agent. It publishes to its own Redis, where samples are counted. */
async function startAgent(scope: AsyncDisposableStack): Promise<Candidate> {
  const redis = scope.use(await startRedis());
  const subscriber = scope.adopt(new Redis(redis.url), (client) => client.disconnect());
  let samples = 0;
  subscriber.on('message', () => {
    samples++;
  });
  await subscriber.subscribe(metricsChannel(AGENT_HOST));
  const agent = scope.use(
    await startProcess({
      command: process.execPath,
      args: [AGENT],
      env: {
        REDIS_URL: redis.url,
        BOONER_HOST_ID: AGENT_HOST,
        BOONER_INTERVAL_MS: String(INTERVAL_MS),
        ...PLAIN_NODE,
      },
    }),
  );
  await eventually(() => samples > 0 || agent.hasExited(), {
    deadlineMs: READY_DEADLINE_MS,
    what: 'the first sample of the agent',
  });
  if (agent.hasExited()) throw new Error(`the agent ended at once:\n${lastWords(agent)}`);
  return { name: 'agent', process: agent, count: () => samples };
}

/** A Node.js process that does nothing. */
async function startBareNode(scope: AsyncDisposableStack): Promise<Candidate> {
  const idle = await startProcess({
    command: process.execPath,
    args: ['-e', `setInterval(() => {}, ${INTERVAL_MS})`],
    env: PLAIN_NODE,
  });
  return { name: 'bare Node.js', process: scope.use(idle), count: () => null };
}

/** Prometheus' exporter of the same metrics, scraped at the cadence of the agent. */
async function startNodeExporter(scope: AsyncDisposableStack): Promise<Candidate> {
  const port = await freePort();
  const exporter = scope.use(
    await startProcess({ command: NODE_EXPORTER, args: [`--web.listen-address=127.0.0.1:${port}`] }),
  );
  const stop = new AbortController();
  const scrape = async () => {
    const signal = AbortSignal.any([stop.signal, AbortSignal.timeout(INTERVAL_MS)]);
    const response = await fetch(`http://127.0.0.1:${port}/metrics`, { signal });
    const text = await response.text();
    if (!response.ok || !text.includes('node_cpu_seconds_total')) {
      throw new Error(`a scrape was answered by ${response.status} ${text.slice(0, 200)}`);
    }
    return true;
  };
  await eventually(scrape, { deadlineMs: READY_DEADLINE_MS, what: 'metrics of prometheus-node-exporter' });
  let scrapes = 0;
  const timer = setInterval(() => {
    scrape().then(
      () => {
        scrapes++;
      },
      (error) => {
        // Counts as a missing scrape.
        if (!stop.signal.aborted) console.error(`prometheus-node-exporter: ${error}`);
      },
    );
  }, INTERVAL_MS);
  scope.defer(() => {
    clearInterval(timer);
    stop.abort();
  });
  return { name: 'node_exporter', process: exporter, count: () => scrapes };
}

const lastWords = ({ lines }: RunningProcess): string =>
  [...lines.stdout.slice(-10), ...lines.stderr.slice(-10)].join('\n');
