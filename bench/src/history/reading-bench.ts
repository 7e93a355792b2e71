import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { buildHistory, readRecording } from '@booner/history/testing';
import { METRIC_GROUPS } from '@booner/protocol/history-metrics';
import { startRedis } from '@booner/testkit';
import { hostOf } from '@booner/testkit/simulated-host';
import { INTERVAL_MS, startAgents } from '../ingest/agent-fleet.ts';
import { createDistribution, mergeDistributions } from '../measure/distribution.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { presentReading, type ReadingFigures } from './reading-table.ts';

type Plan = {
  readonly hosts: number;
  readonly days: number;
  /** How long requests of each kind are sent, and how often. */
  readonly measuredMs: number;
};

/** Over a minute, so that all hosts store one meanwhile. */
const FULL: Plan = { hosts: 1000, days: 30, measuredMs: 65_000 };
const SHORT: Plan = { hosts: 3, days: 2, measuredMs: 2000 };

const DAY_MS = 86_400_000;
const SETTLE_MS = 10_000;
const POINTS = 500;
const PAUSE_MS = 100;
/** A page or a ranking follows each n-th request for one metric. */
const OTHERS_EVERY = 5;

/** Measures requests to a hub with a month of history, while its fleet is recorded. */
export async function runReadingBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  scope.defer(() => rm(directory, { recursive: true }));
  const hosts = Array.from({ length: plan.hosts }, (_, index) => hostOf(index));
  progress(`history: ${plan.days} days of ${plan.hosts} hosts, without the hub`);
  const startMs = performance.now();
  const nowMs = Date.now();
  buildHistory(directory, {
    hosts,
    fromMs: nowMs - plan.days * DAY_MS,
    nowMs,
    recording: readRecording(),
    intervalMs: INTERVAL_MS,
  });
  const filledS = (performance.now() - startMs) / 1000;
  const redis = scope.use(await startRedis());
  const env = { BOONER_HISTORY_DIR: directory, BOONER_HISTORY_MAX_SIZE: '1TiB' };
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS, env }));
  await startAgents({ redisUrl: redis.url, hub, total: plan.hosts }, scope);
  await delay(isShort ? 0 : SETTLE_MS, undefined, { signal });
  progress('history: requests');

  const someHost = () => hosts[Math.floor(Math.random() * hosts.length)];
  const kinds = {
    metric: () => `/targets/${someHost()}/history?range=30d&metrics=cpuUsageRatio&points=${POINTS}`,
    page: () => `/targets/${someHost()}/history?range=24h&metrics=${METRIC_GROUPS.join()}&points=${POINTS}`,
    ranking: () => '/history?metric=cpuUsageRatio&range=7d&top=1000',
  };
  const timesUs = {
    metric: createDistribution(),
    page: createDistribution(),
    ranking: createDistribution(),
  };
  const bytes = { metric: 0, page: 0, ranking: 0 };
  const measure = async (kind: keyof typeof kinds) => {
    const url = `http://127.0.0.1:${hub.port}${kinds[kind]()}`;
    const sentMs = performance.now();
    const response = await fetch(url, { signal });
    const body = await response.arrayBuffer();
    if (!response.ok) throw new Error(`GET ${url} was answered by ${response.status}`);
    timesUs[kind].record((performance.now() - sentMs) * 1000);
    bytes[kind] = Math.max(bytes[kind], body.byteLength);
  };
  const endMs = performance.now() + plan.measuredMs;
  for (let request = 0; performance.now() < endMs; request++) {
    await measure('metric');
    if (request % OTHERS_EVERY === 0) await measure(request % (2 * OTHERS_EVERY) === 0 ? 'page' : 'ranking');
    await delay(PAUSE_MS, undefined, { signal });
  }
  hub.assertRuns();
  const report = (kind: keyof typeof kinds) => ({
    timesUs: mergeDistributions([timesUs[kind].encode()]),
    bytes: bytes[kind],
  });
  const figures: ReadingFigures = {
    ...plan,
    filledS,
    metric: report('metric'),
    page: report('page'),
    ranking: report('ranking'),
  };
  return presentReading(figures);
}
