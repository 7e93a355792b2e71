import type { ServerResponse } from 'node:http';
import { hostIdSchema } from '@booner/protocol';
import {
  clockAheadBy,
  eventually,
  type HubProcess,
  startReceiver,
  startSimulatedFleet,
} from '@booner/testkit';
import { describe, it } from 'vitest';
import { firing, request, startAlertBed } from './alert-bed.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const DOWN = { selector: '*', when: { state: 'offline' }, for: '0s', severity: 'crit' };
const CPU = {
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'last' },
  warn: { on: 0.8, off: 0.7 },
};
const busy = {
  cpu: { usageRatio: 0.9, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0, cores: [] },
};
const DAY_MS = 86_400_000;
/** Long enough for a message to arrive that must not. */
const QUIET_MS = 3000;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

type Delivery = {
  readonly id: string;
  readonly channel: string;
  readonly status: string;
  readonly answer: string | null;
  readonly nextAtMs: number | null;
};

const deliveries = async (hub: HubProcess) => {
  const { deliveries: all } = (await request(hub, 'GET', '/alert-deliveries')) as { deliveries: Delivery[] };
  return new Map(all.map((delivery) => [delivery.channel, delivery]));
};

describe.concurrent('alerts', () => {
  it('reach a receiver that works beside those that hang, fail, or lead elsewhere', async ({ expect }) => {
    const held: ServerResponse[] = [];
    await using inner = await startReceiver();
    await using hangs = await startReceiver((response) => void held.push(response));
    let works = false;
    await using fails = await startReceiver((response) =>
      response.writeHead(works ? 200 : 500).end('broken'),
    );
    await using limits = await startReceiver((response) =>
      response.writeHead(429, { 'retry-after': '3600' }).end(),
    );
    await using leads = await startReceiver((response) =>
      response.writeHead(302, { location: `${inner.url}/internal` }).end(),
    );
    await using bed = await startAlertBed({ hubs: 1, rules: { cpu: CPU } });
    const [hub] = bed.hubs as [HubProcess];
    for (const [name, { url }] of Object.entries({ hangs, fails, limits, leads })) {
      const channel = { type: 'webhook', url, allowPrivate: true };
      await request(hub, 'PUT', `/alert-channels/${name}`, channel);
    }
    const url = `http://localhost:${inner.port}`;
    await request(hub, 'PUT', '/alert-channels/private', { type: 'webhook', url });
    const [agent] = await bed.startAgents([HOST]);
    await bed.untilActive([HOST]);
    agent?.measure(busy);
    await eventually(() => bed.kinds().length > 0 && held.length > 0, { what: 'the alert' });
    expect(held[0]?.destroyed).toBe(false);
    const listed = await eventually(
      async () => {
        const all = await deliveries(hub);
        const settled = ['fails', 'limits', 'leads', 'private'].every((name) => all.get(name)?.answer);
        return settled ? all : null;
      },
      { what: 'the answers' },
    );
    expect(listed.get('fails')).toMatchObject({ answer: 'HTTP 500 broken' });
    expect((listed.get('limits')?.nextAtMs ?? 0) - Date.now()).toBeGreaterThan(DAY_MS / 48);
    expect(listed.get('leads')).toMatchObject({
      status: 'dead',
      answer: expect.stringContaining('redirects to'),
    });
    expect(listed.get('private')).toMatchObject({
      status: 'dead',
      answer: expect.stringContaining('private network'),
    });
    expect(listed.has('hook')).toBe(false);

    await hub.stop();
    const tomorrow = await bed.startHub({ NODE_OPTIONS: clockAheadBy(DAY_MS) });
    const dead = await eventually(
      async () => {
        const one = (await deliveries(tomorrow)).get('fails');
        return one?.status === 'dead' ? one : null;
      },
      { what: 'the dead letter' },
    );
    expect(dead.answer).toBe('HTTP 500 broken');
    works = true;
    await request(tomorrow, 'POST', `/alert-deliveries/${encodeURIComponent(dead.id)}/retry`);
    await eventually(async () => !(await deliveries(tomorrow)).has('fails'), { what: 'it to be delivered' });
    expect(bed.kinds()).toEqual(['firing cpu']);
    expect(inner.requests).toEqual([]);
  });

  it('of 1,000 hosts are one message, and one while Redis is away', async ({ expect }) => {
    await using bed = await startAlertBed({ hubs: 1, rules: { down: DOWN } });
    const [hub] = bed.hubs as [HubProcess];
    await using fleet = await startSimulatedFleet({ redisUrl: bed.redis.url, count: 1000, intervalMs: 5000 });
    await bed.untilActive(fleet.hosts);
    for (const host of fleet.hosts) fleet.silence(host);
    await eventually(() => bed.kinds().length > 0, { what: 'the alert' });
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down']);
    expect(bed.events()[0]?.title).toContain('1000');

    await bed.redis.kill('SIGSTOP');
    await eventually(() => bed.kinds().length > 1, {
      deadlineMs: 120_000,
      what: 'the hub to say it is blind',
    });
    await hub.kill('SIGKILL');
    await hub.restart();
    await bed.redis.kill('SIGCONT');
    await eventually(async () => (await firing(hub)).length > 0, { what: 'the hub to know again' });
    await pause(2 * QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down', 'firing hub-blind']);
  });

  // Clocks of Berlin leap from 2:00 to 3:00, and from 3:00 back to 2:00.
  it.for([
    { from: '01:30', to: '03:30', day: '2027-03-28' },
    { from: '01:30', to: '02:30', day: '2027-10-31' },
  ])('are quiet from $from to $to on $day, with one summary at its end', async (night, { expect }) => {
    const endMs = Date.parse(`${night.day}T01:30:00Z`);
    const beforeMs = 90_000;
    const aheadMs = endMs - beforeMs - Date.now();
    await using bed = await startAlertBed({
      hubs: 1,
      rules: { cpu: CPU },
      env: { NODE_OPTIONS: clockAheadBy(aheadMs) },
    });
    const [hub] = bed.hubs as [HubProcess];
    const { from, to } = night;
    const times = [{ type: 'weekly', days: ['sun'], from, to }];
    await request(hub, 'PUT', '/quiet-hours/night', { selector: '*', timeZone: 'Europe/Berlin', times });
    const [agent] = await bed.startAgents([HOST]);
    await bed.untilActive([HOST]);
    agent?.measure(busy);
    await eventually(async () => (await firing(hub)).length > 0, { what: 'the alert' });
    expect(await firing(hub)).toMatchObject([{ mutes: ['quiet_hours'], notifiedAtMs: null }]);
    expect(bed.kinds()).toEqual([]);
    await eventually(() => bed.kinds().length > 0, { deadlineMs: 2 * beforeMs, what: 'the summary' });
    expect(Date.now() + aheadMs).toBeGreaterThanOrEqual(endMs);
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['summary cpu']);
  });
});
