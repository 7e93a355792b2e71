import { eventually, openStatusClient, startAgent, startHub, startRedis } from '@booner/testkit';
import { expect, it } from 'vitest';
import { connectOperator } from './operator.ts';
import { allActive, statusesOf } from './statuses.ts';

const HOST = '127.0.0.2';
const SENTINEL_MS = 20_000;
const FAILOVER_MS = 90_000;

it('a hub and an agent follow a failover of Sentinel, and clients do not notice', async () => {
  await using master = await startRedis();
  await using replica = await startRedis({ args: ['--replicaof', '127.0.0.1', `${master.port}`] });
  await using sentinel = await startRedis({
    sentinel: [
      `sentinel monitor fleet 127.0.0.1 ${master.port} 1`,
      'sentinel down-after-milliseconds fleet 1000',
      'sentinel failover-timeout fleet 5000',
    ],
  });
  using asking = connectOperator(sentinel.url);
  await eventually(
    async () => ((await asking.redis.call('SENTINEL', 'REPLICAS', 'fleet')) as unknown[]).length === 1,
    { deadlineMs: SENTINEL_MS, what: 'the Sentinel to know the replica' },
  );
  const redisUrl = `redis+sentinel://127.0.0.1:${sentinel.port}/fleet`;
  // A Sentinel may name a server on any host.
  await using hub = await startHub({ redisUrl, args: ['--insecure'] });
  await using _agent = await startAgent({ redisUrl, hostId: HOST });
  using client = await openStatusClient(hub.url, { version: 1 });
  await eventually(() => allActive(client.latest(), [HOST]), { what: 'the agent' });

  const killedAtMs = Date.now();
  await master.kill('SIGKILL');
  await eventually(
    async () => {
      using operator = connectOperator(replica.url); // a promotion cuts the replica's clients off
      const sample = await operator.redis.hget(`booner:target:${HOST}`, 'sample');
      const target = (await (await hub.get(`/targets/${HOST}`)).json()) as { lastSeenAtMs: number };
      const isWritten = (JSON.parse(sample ?? '{}').sampledAtMs ?? 0) > killedAtMs;
      return isWritten && target.lastSeenAtMs > killedAtMs && (await hub.get('/readyz')).status === 200;
    },
    { deadlineMs: FAILOVER_MS, everyMs: 200, what: 'samples to pass through the new master' },
  );
  expect(client.isOpen()).toBe(true);
  expect(statusesOf(client.received, HOST)).toEqual(['active']);
});
