import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { startRedisPublisher } from '@booner/bus/redis/publisher';
import {
  type HostId,
  hostIdSchema,
  type Measurements,
  NOTHING_MEASURED,
  newInstanceId,
} from '@booner/protocol';
import { eventually, startRedis } from '@booner/testkit';
import { INTERVAL_MS, listAgents } from '../ingest/agent-fleet.ts';
import type { PartContext, PartResult } from '../part-result.ts';
import { startHubProcess } from '../processes/hub-process.ts';
import { type LatencyFigures, presentLatency } from './latency-table.ts';
import { setReceiver, setRules } from './rules-api.ts';

type Plan = { readonly hosts: number; readonly deaths: number };

const FULL: Plan = { hosts: 40, deaths: 10 };
const SHORT: Plan = { hosts: 4, deaths: 1 };
/** Longer than the stock rule waits. */
const DEADLINE_MS = 120_000;

const hostOf = (index: number): HostId => hostIdSchema.parse(`10.2.${index >> 8}.${(index & 255) + 1}`);
const cpu = (usageRatio: number): Pick<Measurements, 'cpu'> => ({
  cpu: { usageRatio, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0, cores: [] },
});

/** A rule for each host, so that no message waits for those of other hosts. */
function rulesOf({ hosts, deaths }: Plan): Readonly<Record<string, object>> {
  const rules: Record<string, object> = {};
  for (let index = 0; index < hosts; index++) {
    const selector = `host=${hostOf(index)}`;
    const when = { metric: 'cpuUsageRatio', function: 'last' };
    rules[`cpu-${index}`] = { selector, when, warn: { on: 0.8, off: 0.7 } };
    if (index < deaths) {
      rules[`down-${index}`] = { selector, when: { state: 'offline' } };
      rules[`stock-${index}`] = { selector, when: { state: 'offline' }, for: '50s', keepFor: '30s' };
    }
  }
  return rules;
}

/**
 * Measures how long it takes from a sample that crosses a threshold, and from the death of a host,
 * to the receipt of the message.
 */
export async function runAlertLatencyBench({ isShort, signal, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  await using scope = new AsyncDisposableStack();
  const received = new Map<string, number>();
  const webhook = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
    const [{ labels }] = JSON.parse(Buffer.concat(chunks).toString()) as [{ labels: { alertname: string } }];
    received.set(labels.alertname, performance.now());
    response.end();
  });
  webhook.listen(0, '127.0.0.1');
  await once(webhook, 'listening');
  scope.defer(() => {
    webhook.closeAllConnections();
    webhook.close();
  });
  const redis = scope.use(await startRedis());
  const env = { BOONER_HISTORY_DIR: 'off' };
  const hub = scope.use(await startHubProcess({ redisUrl: redis.url, intervalMs: INTERVAL_MS, env }));
  await setRules(hub, rulesOf(plan));
  await setReceiver(hub, `http://127.0.0.1:${(webhook.address() as AddressInfo).port}`);

  progress(`alerts: latency with ${plan.hosts} hosts`);
  const agents = await Promise.all(
    Array.from({ length: plan.hosts }, (_, index) => startAgent(redis.url, index, plan.hosts, scope)),
  );
  await eventually(async () => (await listAgents(hub.port)).length === plan.hosts, { what: 'all agents' });
  await delay(2 * INTERVAL_MS, undefined, { signal });
  for (const agent of agents) agent.usageRatio = 0.9;
  const untilReceived = (prefix: string, count: number) =>
    eventually(() => [...received.keys()].filter((rule) => rule.startsWith(prefix)).length === count, {
      deadlineMs: DEADLINE_MS,
      what: `${count} messages of ${prefix}`,
    });
  await untilReceived('cpu-', plan.hosts);
  const crossed = agents.map(({ crossedAtMs }, index) => (received.get(`cpu-${index}`) ?? 0) - crossedAtMs);

  progress(`alerts: death of ${plan.deaths} hosts`);
  const dying = agents.slice(0, plan.deaths);
  for (const agent of dying) agent.isDead = true;
  await untilReceived('down-', plan.deaths);
  await untilReceived('stock-', plan.deaths);
  const since = (rule: string) =>
    dying.map(({ lastAtMs }, index) => (received.get(`${rule}-${index}`) ?? 0) - lastAtMs);
  hub.assertRuns();
  const figures: LatencyFigures = {
    hosts: plan.hosts,
    deaths: plan.deaths,
    crossedMs: crossed,
    deathMs: since('down'),
    stockMs: since('stock'),
  };
  return presentLatency(figures);
}

/** Publishes samples of one host, at a phase of its own. */
async function startAgent(redisUrl: string, index: number, hosts: number, scope: AsyncDisposableStack) {
  const host = hostOf(index);
  const publisher = scope.use(await startRedisPublisher({ redis: { url: redisUrl }, host }));
  const agent = { usageRatio: 0.1, isDead: false, crossedAtMs: 0, lastAtMs: 0 };
  const instance = newInstanceId();
  let sequence = 0;
  const publish = () => {
    if (agent.isDead) return;
    agent.lastAtMs = performance.now();
    if (agent.usageRatio > 0.8 && agent.crossedAtMs === 0) agent.crossedAtMs = agent.lastAtMs;
    void publisher.publish({
      ...{ type: 'sample', host, instance, sequence: ++sequence, sampledAtMs: Date.now() },
      ...{ intervalMs: INTERVAL_MS, inventoryTakenAtMs: null, ...NOTHING_MEASURED, ...cpu(agent.usageRatio) },
    });
  };
  let repeated: NodeJS.Timeout | undefined;
  const first = setTimeout(
    () => {
      publish();
      repeated = setInterval(publish, INTERVAL_MS);
    },
    (index / hosts) * INTERVAL_MS,
  );
  scope.defer(() => {
    clearTimeout(first);
    clearInterval(repeated);
  });
  return agent;
}
