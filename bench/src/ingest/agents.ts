import { metricsChannel, targetKey } from '@booner/protocol/redis-names';
import { createSimulatedHost, type SimulatedHost } from '@booner/testkit/simulated-host';
import { Redis } from 'ioredis';
import { createDistribution } from '../measure/distribution.ts';
import { serveRequests } from '../processes/worker.ts';
import type { AgentsContract } from './ingest-contract.ts';

const CONNECTIONS = 4;
/** Short, so that samples reach Redis a few at a time, as they do from independent agents. */
const TICK_MS = 4;
/** Beyond it, Redis does not keep up and the figures would mean nothing. */
const BATCHES_IN_FLIGHT_MAX = 500;

type Schedule = { readonly host: SimulatedHost; dueMs: number };

const latenessUs = createDistribution();
let published = 0;
let inFlight = 0;
let failure: Error | null = null;

serveRequests<AgentsContract>({
  async start({ redisUrl, first, step, total, intervalMs }) {
    const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => connectTo(redisUrl)));
    const hosts: SimulatedHost[] = [];
    for (let index = first; index < total; index += step) hosts.push(createSimulatedHost(index, intervalMs));
    await describe(hosts, connections[0]!);
    const startMs = performance.now();
    const agents = hosts.map((host, index) => ({
      host,
      dueMs: startMs + (index / hosts.length) * intervalMs,
    }));
    publishForever(agents, connections, intervalMs);
    return null;
  },
  takeReport() {
    if (failure) throw failure;
    const report = { published, latenessUs: latenessUs.encode() };
    published = 0;
    latenessUs.reset();
    return report;
  },
});

async function connectTo(redisUrl: string): Promise<Redis> {
  const redis = new Redis(redisUrl, { lazyConnect: true, retryStrategy: null });
  redis.on('error', (error) => {
    failure ??= error;
  });
  await redis.connect();
  return redis;
}

async function describe(hosts: readonly SimulatedHost[], redis: Redis): Promise<void> {
  const pipeline = redis.pipeline();
  for (const { host, inventory } of hosts) {
    pipeline.hset(targetKey(host), 'inventory', JSON.stringify(inventory), 'version', inventory.agentVersion);
  }
  await pipeline.exec();
}

/** Agents are in the order in which they are due, and stay so: `next` goes round. */
function publishForever(agents: Schedule[], connections: readonly Redis[], intervalMs: number): void {
  let next = 0;
  let turn = 0;
  setInterval(() => {
    if (failure) return;
    const nowMs = performance.now();
    const due: SimulatedHost[] = [];
    for (let agent = agents[next]; agent && agent.dueMs <= nowMs; agent = agents[next]) {
      latenessUs.record((nowMs - agent.dueMs) * 1000);
      agent.dueMs += intervalMs;
      due.push(agent.host);
      next = (next + 1) % agents.length;
    }
    if (due.length > 0) publish(due, connections[turn++ % connections.length]!);
  }, TICK_MS);
}

function publish(hosts: readonly SimulatedHost[], redis: Redis): void {
  if (inFlight >= BATCHES_IN_FLIGHT_MAX) {
    failure ??= new Error('Redis does not keep up with the samples');
    return;
  }
  const pipeline = redis.pipeline();
  for (const host of hosts) {
    const sample = JSON.stringify(host.nextSample(Date.now()));
    pipeline.hset(targetKey(host.host), 'sample', sample).publish(metricsChannel(host.host), sample);
  }
  inFlight++;
  pipeline.exec().then(
    (replies) => {
      inFlight--;
      const refused = replies?.find(([error]) => error);
      if (refused?.[0]) failure ??= refused[0];
      else published += hosts.length;
    },
    (error: Error) => {
      failure ??= error;
    },
  );
}
