import { hostIdSchema } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { simulatedHosts } from '../fleet/simulated-agents.ts';
import { type AlertBed, firing, request, startAlertBed } from './alert-bed.ts';

const HOSTS = ['10.0.0.2', '10.0.0.3', '10.0.0.4'].map((host) => hostIdSchema.parse(host));
const [DEAD] = HOSTS;
const DOWN = { selector: '*', when: { state: 'offline' }, for: '0s', severity: 'crit' };
const CPU = {
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'last' },
  warn: { on: 0.8, off: 0.7 },
};
const cpu = (usageRatio: number) => ({
  cpu: { usageRatio, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0, cores: [] },
});
/** Longer than a lease lasts, so another hub has taken over. */
const PAUSED_MS = 20_000;
/** An attempt to send a message ends after 10 s. */
const LONGER_THAN_AN_ATTEMPT_MS = 11_000;
/** Long enough for a second message to arrive that must not. */
const QUIET_MS = 3000;
/** The text of a mail without the line breaks of its encoding (quoted-printable). */
const unfolded = (text = '') => text.replaceAll('=\r\n', '');
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What was said of which host: `firing cpu 10.0.0.2`. */
const said = (bed: AlertBed) =>
  bed.events().flatMap(({ kind, rule, targets }) => targets.map(({ host }) => `${kind} ${rule} ${host}`));

describe.concurrent('alerts', () => {
  it('reach a webhook and a mailbox once, are acknowledged from the mail, and resolve', async () => {
    await using bed = await startAlertBed({ hubs: 2, rules: { down: DOWN } });
    const agents = await bed.startAgents(HOSTS);
    await bed.untilActive(HOSTS);
    agents[0]?.die();
    await eventually(() => bed.kinds().length > 0 && bed.mail.received.length > 0, { what: 'the alert' });
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down']);
    expect(bed.events()[0]).toMatchObject({ title: `Host is offline on ${DEAD}`, targets: [{ host: DEAD }] });
    expect(bed.mail.received).toHaveLength(1);

    const [first, second] = bed.hubs;
    for (const hub of [first!, second!])
      expect(await firing(hub)).toMatchObject([{ host: DEAD, acknowledged: null }]);
    const secret = /acknowledge#(bna_[\w-]+)/.exec(unfolded(bed.mail.received[0]?.text))?.[1];
    // What a scanner of links in mails does.
    expect((await second!.get('/acknowledge')).status).toBe(200);
    expect(await firing(second!)).toMatchObject([{ acknowledged: null }]);
    await request(second!, 'POST', '/alert-links/acknowledge', { secret });
    await eventually(async () => (await firing(first!))[0]?.acknowledged !== null, {
      what: 'the acknowledgement',
    });
    await expect(request(first!, 'POST', '/alert-links/acknowledge', { secret })).rejects.toThrow('410');

    agents[0]?.revive();
    await eventually(() => bed.kinds().length > 1 && bed.mail.received.length > 1, { what: 'the end' });
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down', 'resolved down']);
    expect(bed.mail.received).toHaveLength(2);
    expect(await firing(first!)).toEqual([]);
    expect(await request(second!, 'GET', '/alerts?status=resolved')).toMatchObject({
      alerts: [{ rule: 'down', host: DEAD, status: 'resolved', acknowledged: { by: expect.any(String) } }],
    });
  });

  it('of a rack are one message, and one when all are back', async () => {
    await using bed = await startAlertBed({ hubs: 2, rules: { down: DOWN } });
    const hosts = simulatedHosts(40);
    const agents = await bed.startAgents(hosts);
    await bed.untilActive(hosts);
    for (const agent of agents) agent.die();
    await eventually(() => bed.kinds().length > 0, { what: 'the alert' });
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down']);
    expect(bed.events()[0]?.targets).toHaveLength(40);
    for (const agent of agents) agent.revive();
    await eventually(() => bed.kinds().length > 1, { what: 'the end' });
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual(['firing down', 'resolved down']);
  });

  it('do not resolve while Redis is away, nor because a hub starts', async () => {
    await using bed = await startAlertBed({ hubs: 2, rules: { down: DOWN, cpu: CPU } });
    const agents = await bed.startAgents(HOSTS);
    await bed.untilActive(HOSTS);
    agents[0]?.die();
    agents[1]?.measure(cpu(0.9));
    await eventually(() => bed.kinds().length === 2, { what: 'the alerts' });
    await bed.redis.kill('SIGSTOP');
    await pause(8000);
    await bed.redis.kill('SIGCONT');
    await bed.hubs[0]!.kill('SIGKILL');
    await bed.hubs[0]!.restart();
    await eventually(async () => (await firing(bed.hubs[0]!)).length === 2, {
      what: 'the hub to know again',
    });
    await pause(QUIET_MS);
    expect(bed.kinds().toSorted()).toEqual(['firing cpu', 'firing down']);
    agents[0]?.revive();
    agents[1]?.measure(cpu(0.1));
    await eventually(() => bed.kinds().length === 4, { what: 'their end' });
    expect(bed.kinds().slice(2).toSorted()).toEqual(['resolved cpu', 'resolved down']);
  });

  it('are said once although the hub stands still before it reads the answer', async () => {
    let isStopped = false;
    await using bed = await startAlertBed({
      hubs: 1,
      rules: { cpu: CPU },
      answer: (response) => {
        if (!isStopped) bed.hubs[0]!.kill('SIGSTOP');
        isStopped = true;
        response.end('ok');
      },
    });
    const [agent] = await bed.startAgents(HOSTS);
    await bed.untilActive(HOSTS);
    agent?.measure(cpu(0.9));
    await eventually(() => isStopped, { what: 'the alert' });
    await pause(LONGER_THAN_AN_ATTEMPT_MS);
    bed.hubs[0]!.kill('SIGCONT');
    await pause(QUIET_MS);
    agent?.measure(cpu(0.1));
    await eventually(() => bed.kinds().includes('resolved cpu'), { what: 'the end' });
    expect(bed.kinds()).toEqual(['firing cpu', 'resolved cpu']);
  });

  it('are muted by a silence, with one summary after it', async () => {
    await using bed = await startAlertBed({ hubs: 2, rules: { cpu: CPU } });
    const [agent] = await bed.startAgents(HOSTS);
    await bed.untilActive(HOSTS);
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const { id } = (await request(bed.hubs[0]!, 'POST', '/silences', {
      selector: `host=${DEAD}`,
      rule: 'cpu',
      until,
      reason: 'new disks',
    })) as { id: string };
    await eventually(
      async () => JSON.stringify(await request(bed.hubs[1]!, 'GET', '/silences')).includes(id),
      { what: 'the other hub to know of it' },
    );
    agent?.measure(cpu(0.9));
    await eventually(async () => (await firing(bed.hubs[0]!)).length === 1, { what: 'the alert' });
    expect(await firing(bed.hubs[1]!)).toMatchObject([{ mutes: ['silence'], notifiedAtMs: null }]);
    await pause(QUIET_MS);
    expect(bed.kinds()).toEqual([]);
    await request(bed.hubs[1]!, 'DELETE', `/silences/${id}`);
    await eventually(() => bed.kinds().length > 0, { what: 'the summary' });
    expect(bed.kinds()).toEqual(['summary cpu']);
  });
});

// By itself: what stands still here must be this hub alone, on a busy machine, too.
it('alerts are said once although the hub that evaluates them stands still meanwhile', async () => {
  await using bed = await startAlertBed({ hubs: 3, rules: { cpu: CPU, down: DOWN } });
  const agents = await bed.startAgents(HOSTS);
  await bed.untilActive(HOSTS);
  agents[0]?.measure(cpu(0.9));
  await eventually(() => bed.kinds().includes('firing cpu'), { what: 'the alert' });
  const [paused, other] = bed.hubs;
  await paused!.kill('SIGSTOP');
  // Each hub holds some shards of hosts, and those of the paused one go to the others.
  for (const agent of agents) agent.measure(cpu(0.95));
  await pause(PAUSED_MS);
  await paused!.kill('SIGCONT');
  await expect.poll(() => said(bed).toSorted()).toEqual(HOSTS.map((host) => `firing cpu ${host}`));
  await pause(QUIET_MS);
  for (const agent of agents) agent.measure(cpu(0.1));
  await eventually(async () => (await firing(other!)).length === 0, { what: 'their end' });
  await eventually(() => said(bed).length >= 6, { what: 'the messages of it' });
  await pause(QUIET_MS);
  expect(said(bed).toSorted()).toEqual(
    HOSTS.flatMap((host) => [`firing cpu ${host}`, `resolved cpu ${host}`]).toSorted(),
  );
});
