import { setTimeout as pause } from 'node:timers/promises';
import type { Firing, StoredSchedule } from '@booner/protocol';
import { leaseKey, SCHEDULES_KEY } from '@booner/protocol/redis-names';
import { shardOfText } from '@booner/protocol/shard';
import { clockAheadBy, eventually, type HubProcess, startHub } from '@booner/testkit';
import { describe, it } from 'vitest';
import { ask } from '../access/asking.ts';
import { DEPLOY, startRolloutBed } from '../rollouts/rollout-bed.ts';
import { collectFirings, expectFiredOnce, readSchedule } from './schedule-firings.ts';

const EVERY_MS = 2000;
const OFTEN = { cron: '*/2 * * * * *', action: 'backup', selector: 'role=web', catchUp: 'last' };
const BACKUP = { ...DEPLOY, name: 'backup', parameters: [], schedulable: true };
/** Longer than a lease lasts, and the takeover. */
const TAKEN_OVER_WITHIN_MS = 60_000;
const HOUR_MS = 3_600_000;

type Bed = Awaited<ReturnType<typeof startRolloutBed>>;

async function setSchedule(bed: Bed, hub: HubProcess, name: string, body: object): Promise<void> {
  for (const host of bed.hosts.values()) host.offer([BACKUP]);
  const set = async () => (await ask(hub, 'PUT', `/schedules/${name}`, { body })).status === 200;
  await eventually(set, { what: 'the schedule' });
}
const untilStarted = (bed: Bed, more: number) => {
  const count = bed.started.length + more;
  return eventually(() => bed.started.length >= count, {
    what: `${more} more firings`,
    deadlineMs: TAKEN_OVER_WITHIN_MS,
  });
};

// All at once: most of the time they wait for a firing, or for a lease to end.
describe.concurrent('a schedule', () => {
  it('fires once while hubs stand still in the very second, and after they go on', async ({ expect }) => {
    await using bed = await startRolloutBed({ hosts: 1, hubs: 3 });
    const [first, second, third] = bed.hubs as [HubProcess, HubProcess, HubProcess];
    await setSchedule(bed, bed.hub, 'often', OFTEN);
    const { collect, end } = collectFirings('often');
    const holders = new Set<string | null>();
    // One of the two rounds stops the hub that holds the schedule.
    for (const [awake, ...frozen] of [
      [first, second, third],
      [second, first, third],
    ] as const) {
      await untilStarted(bed, 1);
      await pause(EVERY_MS - (Date.now() % EVERY_MS) + Math.random() * 300);
      for (const hub of frozen) await hub.kill('SIGSTOP');
      await untilStarted(bed, 2);
      holders.add(await bed.operator.hget(leaseKey(shardOfText('often')), 'hub'));
      await collect(awake);
      for (const hub of frozen) await hub.kill('SIGCONT');
    }
    await untilStarted(bed, 2);
    const firings = await end(first);
    expect(holders.size).toBe(2);
    await expectFiredOnce(third, firings, { started: bed.started, everyMs: EVERY_MS });
  });

  it('goes by the clock of Redis, whatever the clocks of hubs say', async ({ expect }) => {
    await using bed = await startRolloutBed({ hosts: 1 });
    const startShifted = (byMs: number) =>
      startHub({ redisUrl: bed.redis.url, env: { NODE_OPTIONS: clockAheadBy(byMs) } });
    await using fast = await startShifted(5 * 60_000);
    await using slow = await startShifted(-5 * 60_000);
    const untilReady = async () =>
      (await Promise.all([fast, slow].map((hub) => hub.get('/readyz')))).every(({ ok }) => ok);
    await eventually(untilReady, { what: 'hubs that have caught up' });
    await bed.hub.stop();

    const startedAtMs = Date.now();
    await setSchedule(bed, fast, 'often', OFTEN);
    const { collect, end } = collectFirings('often');
    await untilStarted(bed, 2);
    await ask(slow, 'POST', '/schedules/often/pause');
    await ask(slow, 'POST', '/schedules/often/resume');
    const soonMs = Date.now() + 60_000;
    for (const hub of [fast, slow]) {
      await collect(hub);
      const { nextAtMs } = await readSchedule(hub, 'often');
      expect(nextAtMs[0]).toBeGreaterThan(startedAtMs);
      expect(nextAtMs[0]).toBeLessThan(soonMs);
    }
    await fast.kill('SIGKILL');
    await untilStarted(bed, 2);
    const firings = await end(slow);
    const times = [...firings.values()].flatMap(({ dueAtMs, atMs }) => [dueAtMs, atMs]);
    expect(Math.min(...times)).toBeGreaterThanOrEqual(startedAtMs);
    expect(Math.max(...times)).toBeLessThanOrEqual(Date.now());
    expect([...firings.values()].filter(({ outcome }) => outcome === 'started')).toHaveLength(
      bed.started.length,
    );
  });

  it('shows what it missed while no hub was there, and catches up as it says', async ({ expect }) => {
    await using bed = await startRolloutBed({ hosts: 1 });
    const { hub, operator } = bed;
    // The last time was half an hour ago, and the next one is in half an hour.
    const cron = `${new Date(Date.now() + HOUR_MS / 2).getUTCMinutes()} * * * *`;
    for (const catchUp of ['none', 'last']) await setSchedule(bed, hub, catchUp, { ...OFTEN, cron, catchUp });
    await hub.kill('SIGKILL');
    // As if no hub had been there for three hours.
    for (const name of ['none', 'last']) {
      const stored = JSON.parse((await operator.hget(SCHEDULES_KEY, name)) as string) as StoredSchedule;
      const missing = { ...stored, nextAtMs: (stored.nextAtMs as number) - 3 * HOUR_MS };
      await operator.hset(SCHEDULES_KEY, name, JSON.stringify(missing));
    }
    await hub.restart();
    const outcomesOf = (name: string) =>
      eventually(
        async () => {
          const firings: Firing[] = (await readSchedule(hub, name))?.firings ?? [];
          return firings.length === 3 && firings.every(({ endedAtMs }) => endedAtMs !== null)
            ? firings.map(({ outcome, detail }) => [outcome, detail])
            : null;
        },
        { what: 'three handled times' },
      );
    const missed = ['missed', 'no hub was there in time'];
    expect(await outcomesOf('none')).toEqual([missed, missed, missed]);
    expect(await outcomesOf('last')).toEqual([['started', null], missed, missed]);
    expect(bed.started).toHaveLength(1);
  });
});
