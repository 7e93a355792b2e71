import type { Target } from '@booner/protocol';
import { eventually, openStatusClient, startAgent, startHub, startRedis } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { startReturningClient } from './returning-client.ts';
import { simulatedHosts, startSimulatedAgents } from './simulated-agents.ts';
import { allActive, statusesOf, statusIn } from './statuses.ts';
import { throughout } from './throughout.ts';

const HOSTS = ['127.0.0.2', '127.0.0.3'] as const;
const RESTARTS = 5;
/** Longer than three intervals. */
const SUSPENDED_MS = 6000;
const env = { BOONER_INTERVAL_MS: '1000' };
/**
 * So rare that only the agent's goodbye can show its end in time: silence takes three intervals.
 */
const rare = { BOONER_INTERVAL_MS: '15000' };

describe.concurrent('hubs that come and go', () => {
  it('show the same targets, and a killed one restarts with the same state', async () => {
    await using redis = await startRedis();
    const [first, second] = await Promise.all([1, 2].map(() => startHub({ redisUrl: redis.url, env })));
    await using _first = first!;
    await using _second = second!;
    const [one, two] = await Promise.all(
      HOSTS.map((hostId) => startAgent({ redisUrl: redis.url, hostId, env: rare })),
    );
    await using _one = one!;
    await using _two = two!;
    using client = await openStatusClient(first!.url, { version: 1 });
    await using otherClient = startReturningClient(second!.url);
    const shown = (status: ReturnType<typeof client.latest>) =>
      JSON.stringify(status?.deployment_targets.map(({ host, status, specs }) => ({ host, status, specs })));
    const untilAlike = (what: string) =>
      eventually(
        () =>
          shown(client.latest()) === shown(otherClient.latest()) &&
          allActive(client.latest(), HOSTS) &&
          !shown(client.latest())?.includes('Unknown'),
        { what },
      );
    await untilAlike('both hubs to show both targets');
    // A hub that starts earlier shows them as pending until their next samples.
    using operator = connectOperator(redis.url);
    await eventually(
      async () => {
        const stored = await operator.redis.hmget('booner:targets', ...HOSTS);
        return stored.every((text) => text?.includes('"status":"active"'));
      },
      { what: 'both targets to be registered as active' },
    );

    await second!.kill('SIGKILL');
    await second!.restart();
    await eventually(() => otherClient.connections() === 2 && otherClient.isOpen(), {
      what: 'the client to be connected again',
    });
    await untilAlike('both hubs to show the same again');

    expect(await two!.stop()).toMatchObject({ code: 0 }); // it has said goodbye then
    await eventually(
      () => [client, otherClient].every((each) => statusIn(each.latest(), HOSTS[1]) === 'offline'),
      { what: 'both hubs to show the end of an agent' },
    );
    for (const { received } of [client, otherClient]) {
      expect(statusesOf(received, HOSTS[0])).toEqual(['active']);
      expect(statusesOf(received, HOSTS[1])).toEqual(['active', 'offline']);
    }
    expect(client.isOpen()).toBe(true);
  });

  it('process what arrived while they were suspended before they update statuses', async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    const hosts = simulatedHosts(20);
    await using _agents = await startSimulatedAgents({ redisUrl: redis.url, hosts, intervalMs: 1000 });
    using client = await openStatusClient(hub.url, { version: 1 });
    await eventually(() => allActive(client.latest(), hosts), { what: 'all active' });
    await hub.kill('SIGSTOP');
    const count = client.received.length;
    await throughout(SUSPENDED_MS, () => expect(client.received.length - count).toBeLessThanOrEqual(1));
    await hub.kill('SIGCONT');
    const resumedAtMs = Date.now();
    await eventually(
      async () => {
        const { targets } = (await (await hub.get('/targets')).json()) as { targets: Target[] };
        return targets.every(({ lastSeenAtMs }) => (lastSeenAtMs ?? 0) > resumedAtMs + 1000);
      },
      { what: 'new samples of all' },
    );
    // A host may already be known before its first sample.
    const since = client.received.slice(count);
    for (const host of hosts) expect(statusesOf(since, host)).toEqual(['active']);
    expect(client.isOpen()).toBe(true);
  });

  it(`show no host as falsely offline to clients that reconnect after each of ${RESTARTS} kills`, async () => {
    await using redis = await startRedis();
    await using hub = await startHub({ redisUrl: redis.url, env });
    const hosts = simulatedHosts(20);
    await using _agents = await startSimulatedAgents({ redisUrl: redis.url, hosts, intervalMs: 1000 });
    await using resources = new AsyncDisposableStack();
    const clients = Array.from({ length: 10 }, () => resources.use(startReturningClient(hub.url)));
    const untilAllAreBack = (connections: number) =>
      eventually(
        () =>
          clients.every(
            (client) =>
              client.isOpen() && client.connections() === connections && allActive(client.latest(), hosts),
          ),
        { what: `every client to be back with connection ${connections}` },
      );
    await untilAllAreBack(1);
    for (let restart = 1; restart <= RESTARTS; restart += 1) {
      await hub.kill('SIGKILL');
      await hub.restart();
      await untilAllAreBack(restart + 1);
    }
    const shown = clients.flatMap(({ received }) =>
      hosts.flatMap((host) => statusesOf(received, host).filter((status) => status === 'offline')),
    );
    expect(shown).toEqual([]);
  });
});
