import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fillHistory } from '@booner/history/testing';
import type { Annotation } from '@booner/protocol';
import {
  type HubProcess,
  type SimulatedFleet,
  startHub,
  startRedis,
  startSimulatedFleet,
} from '@booner/testkit';
import { createSimulatedHost } from '@booner/testkit/simulated-host';

const INTERVAL_MS = 2000;
const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;
/** The hub goes on after it. */
const GAP_MS = 5 * MINUTE_MS;

export type HistoryBed = AsyncDisposable & {
  readonly hub: HubProcess;
  readonly fleet: SimulatedFleet;
  readonly hosts: SimulatedFleet['hosts'];
  /** When the filled part of the history ends. */
  readonly filledToMs: number;
};

export type HistoryBedOptions = {
  readonly count?: number;
  /** Length of the past. Default: 15 days. */
  readonly days?: number;
  readonly hubEnv?: Readonly<Record<string, string>>;
};

/** Starts a hub whose history already has a past. The higher the address, the busier the host. */
export async function startHistoryBed({
  count = 3,
  days = 15,
  hubEnv = {},
}: HistoryBedOptions = {}): Promise<HistoryBed> {
  await using starting = new AsyncDisposableStack();
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  starting.defer(() => rm(directory, { recursive: true, force: true }));
  const filledToMs = Math.floor((Date.now() - GAP_MS) / MINUTE_MS) * MINUTE_MS;
  const loadOf = (index: number) => (atMs: number) =>
    Math.min(0.95, 0.1 + 0.12 * index + 0.1 * Math.sin((2 * Math.PI * atMs) / DAY_MS));
  const shape = (index: number) => ({ label: 'web', loadAt: loadOf(index + 1), hasGpu: index === 0 });
  const simulated = Array.from({ length: count }, (_, index) =>
    createSimulatedHost(index + 1, MINUTE_MS, shape(index)),
  );
  const [first] = simulated;
  await fillHistory({
    directory,
    fromMs: filledToMs - days * DAY_MS,
    toMs: filledToMs,
    intervalMs: (ageMs) => (ageMs > 25 * HOUR_MS ? 30 * MINUTE_MS : MINUTE_MS),
    samplesAt: (atMs) => simulated.map((host) => ({ host: host.host, measurements: host.nextSample(atMs) })),
    annotations: annotationsOf(filledToMs).map((annotation) => ({ host: first?.host ?? '', annotation })),
  });
  const redis = starting.use(await startRedis());
  const env = { BOONER_INTERVAL_MS: `${INTERVAL_MS}`, BOONER_HISTORY_DIR: directory, ...hubEnv };
  const hub = starting.use(await startHub({ redisUrl: redis.url, env }));
  const fleet = starting.use(
    await startSimulatedFleet({ redisUrl: redis.url, count, intervalMs: INTERVAL_MS, shape }),
  );
  const stack = starting.move();
  return { hub, fleet, hosts: fleet.hosts, filledToMs, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const annotationsOf = (nowMs: number): readonly Annotation[] => [
  { atMs: nowMs - 20 * HOUR_MS, untilMs: null, kind: 'offline', text: 'offline', taskId: null },
  { atMs: nowMs - 19 * HOUR_MS, untilMs: null, kind: 'online', text: 'online', taskId: null },
  {
    atMs: nowMs - 9 * HOUR_MS,
    untilMs: nowMs - 9 * HOUR_MS + 90_000,
    kind: 'task',
    text: 'web.deploy failed',
    taskId: 'V1StGXR8_Z5jdHi6B-myT' as Annotation['taskId'],
  },
  {
    atMs: nowMs - 3 * HOUR_MS,
    untilMs: null,
    kind: 'agent_updated',
    text: 'agent updated to 0.1.0',
    taskId: null,
  },
];
