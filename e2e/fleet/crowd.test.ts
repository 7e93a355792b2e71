import type { Target } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { startReturningClient } from './returning-client.ts';
import { simulatedHosts, startSimulatedAgents } from './simulated-agents.ts';
import { allActive, statusesOf } from './statuses.ts';
import { throughout } from './throughout.ts';

const HOSTS = simulatedHosts(50);
const CLIENTS = 50;
const INTERVAL_MS = 3000;
const SHORT_INTERVAL_MS = 500;
/** By then, attempts to reconnect have their longest pauses: up to 5 s. */
const OUTAGE_MS = 10_000;

describe.concurrent(`${HOSTS.length} agents and ${CLIENTS} clients`, () => {
  it('are all reconnected within 30 s of a restart of Redis, and no host was falsely offline', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    await using _agents = await startSimulatedAgents({
      redisUrl: redis.url,
      hosts: HOSTS,
      intervalMs: INTERVAL_MS,
    });
    using resources = new DisposableStack();
    const opening = Array.from({ length: CLIENTS }, () => openStatusClient(hub.url, { version: 1 }));
    const clients = (await Promise.all(opening)).map((client) => resources.use(client));
    const untilAllActive = () =>
      eventually(() => clients.every((client) => allActive(client.latest(), HOSTS)), {
        what: 'every target to be active at every client',
      });
    await untilAllActive();

    await redis.stop();
    await redis.restart();
    const backAtMs = Date.now();
    await eventually(
      async () => {
        const { targets } = (await (await hub.get('/targets')).json()) as {
          targets: { lastSeenAtMs: number }[];
        };
        return (
          targets.length === HOSTS.length && targets.every(({ lastSeenAtMs }) => lastSeenAtMs > backAtMs)
        );
      },
      { everyMs: 200, what: 'a new sample of each agent' },
    );
    await untilAllActive();
    using operator = connectOperator(redis.url);
    await eventually(async () => (await operator.redis.hlen('booner:targets')) === HOSTS.length, {
      what: 'all to be registered again',
    });
    expect(clients.filter((client) => !client.isOpen())).toEqual([]);
    expect(everOffline(clients)).toEqual([]);
  });

  it('are all reconnected within 30 s of a kill of the hub, and no host was falsely offline', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url });
    await using _agents = await startSimulatedAgents({
      redisUrl: redis.url,
      hosts: HOSTS,
      intervalMs: INTERVAL_MS,
    });
    await using resources = new AsyncDisposableStack();
    const clients = Array.from({ length: CLIENTS }, () => resources.use(startReturningClient(hub.url)));
    const untilAllActive = (connections: number) =>
      eventually(
        () =>
          clients.every(
            (client) => client.connections() === connections && allActive(client.latest(), HOSTS),
          ),
        { what: `every target to be active at connection ${connections} of all` },
      );
    await untilAllActive(1);
    await hub.kill('SIGKILL');
    await hub.restart();
    const restartedAtMs = Date.now();
    await untilAllActive(2);
    await untilAllAreHeardAfter(hub, restartedAtMs);
    expect(everOffline(clients)).toEqual([]);
  });

  it('that publish more often than they try to reconnect are not falsely offline after an outage', async () => {
    const env = { BOONER_INTERVAL_MS: `${SHORT_INTERVAL_MS}` };
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    await using _agents = await startSimulatedAgents({
      redisUrl: redis.url,
      hosts: HOSTS,
      intervalMs: SHORT_INTERVAL_MS,
    });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), HOSTS), {
      what: 'every target to be active',
    });
    await redis.stop();
    await throughout(OUTAGE_MS, () => expect(client.isOpen()).toBe(true));
    await redis.restart();
    await untilAllAreHeardAfter(hub, Date.now());
    expect(everOffline([client])).toEqual([]);
  });
});

const untilAllAreHeardAfter = (hub: HubProcess, atMs: number) =>
  eventually(
    async () => {
      const { targets } = (await (await hub.get('/targets')).json()) as { targets: Target[] };
      return (
        targets.length === HOSTS.length && targets.every(({ lastSeenAtMs }) => (lastSeenAtMs ?? 0) > atMs)
      );
    },
    { everyMs: 200, what: 'a new sample of each agent' },
  );

/** Hosts that any client was ever shown as offline. */
function everOffline(clients: readonly { readonly received: Parameters<typeof statusesOf>[0] }[]): string[] {
  return HOSTS.filter((host) =>
    clients.some(({ received }) => statusesOf(received, host).includes('offline')),
  );
}
