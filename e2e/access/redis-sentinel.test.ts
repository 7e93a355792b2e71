import { eventually } from '@booner/testkit';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { type DocumentedSentinels, startDocumentedSentinels } from './documented-sentinels.ts';
import { startEnrolledBed } from './enrolled-bed.ts';

const HOST = '127.0.0.2';
const FAILOVER_MS = 90_000;

it('users survive a failover: those of the documentation suffice, and those of hosts are recreated', async () => {
  let started: DocumentedSentinels | undefined;
  await using bed = await startEnrolledBed({
    start: async (...given) => {
      started = await startDocumentedSentinels(...given);
      return started;
    },
  });
  if (started === undefined) throw new Error('not started');
  const { redis: master, replica, refusals } = started;
  const handed = await bed.enrolHost({ host: HOST });
  expect(handed.REDIS_URL).toBe(started.url);
  await bed.startAgent(handed);
  await bed.untilStatus(HOST, 'active');
  using waiting = bed.connectOperator(replica);
  const agent = `booner-agent-${HOST}`;
  expect(await waiting.redis.call('ACL', 'GETUSER', agent)).toBeNull(); // Redis replicates no users
  expect(await refusals()).toEqual([]);

  const killedAtMs = Date.now();
  await master.kill('SIGKILL');
  const heardAtMs = async () =>
    Number((await bed.asAdmin('GET', `/targets/${HOST}`)).json?.lastSeenAtMs ?? 0);
  await eventually(
    async () => {
      using operator = bed.connectOperator(replica); // a promotion cuts the replica's clients off
      const sample = await operator.redis.hget(`booner:target:${HOST}`, 'sample');
      return (JSON.parse(sample ?? '{}').sampledAtMs ?? 0) > killedAtMs && (await heardAtMs()) > killedAtMs;
    },
    { deadlineMs: FAILOVER_MS, everyMs: 100, what: 'the host to report through the new master' },
  );
  await bed.untilStatus(HOST, 'active');

  await master.restart();
  await eventually(
    async () => {
      using operator = bed.connectOperator(master);
      return String(await operator.redis.info('replication')).includes('master_link_status:up');
    },
    { deadlineMs: FAILOVER_MS, everyMs: 100, what: 'the old master to restart as a replica' },
  );
  expect(await refusals()).toEqual([]);

  // A client that could name another master would receive the hubs' passwords.
  const anybody = new Redis(started.sentinels[0]?.url ?? '', {
    disableClientInfo: true,
    enableReadyCheck: false,
  });
  using _ = { [Symbol.dispose]: () => anybody.disconnect() };
  for (const attempt of [
    ['MONITOR', 'mymaster2', '127.0.0.1', '1', '1'],
    ['SET', 'mymaster', 'quorum', '1'],
    ['FAILOVER', 'mymaster'],
  ]) {
    await expect(anybody.call('SENTINEL', ...attempt)).rejects.toThrow(/^NOPERM /);
  }
});
