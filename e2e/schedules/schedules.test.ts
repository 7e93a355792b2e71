import { setTimeout as pause } from 'node:timers/promises';
import type { HostId } from '@booner/protocol';
import { eventually, type HubProcess } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { ask, makeToken, revoke } from '../access/asking.ts';
import { DEPLOY, startRolloutBed, startsByHost } from '../rollouts/rollout-bed.ts';
import { collectFirings, expectFiredOnce, readSchedule } from './schedule-firings.ts';

/** Firings while hubs are killed. */
const FIRINGS = Number(process.env.BOONER_TEST_FIRINGS ?? 4);
const EVERY_SECONDS = 2;
const BACKUP = { ...DEPLOY, name: 'backup', parameters: [], schedulable: true };

const put = (hub: HubProcess, name: string, body: object, token = hub.adminToken) =>
  ask(hub, 'PUT', `/schedules/${name}`, { token, body: { action: 'backup', selector: 'role=web', ...body } });
describe('a schedule', () => {
  it('fires once, and not less, while one of three hubs is killed in the very second', {
    timeout: 120_000 + FIRINGS * 10_000,
  }, async () => {
    await using bed = await startRolloutBed({ hosts: 1, hubs: 3 });
    bed.hosts.get(bed.names[0]!)?.offer([BACKUP]);
    const cron = `*/${EVERY_SECONDS} * * * * *`;
    await eventually(async () => (await put(bed.hub, 'often', { cron, catchUp: 'last' })).status === 200, {
      what: 'the schedule',
    });
    const { collect, end } = collectFirings('often');
    for (let kill = 0; bed.started.length < FIRINGS && kill < 20 * FIRINGS; kill += 1) {
      const victim = bed.hubs[kill % 3] as HubProcess;
      await pause(EVERY_SECONDS * 1000 - (Date.now() % (EVERY_SECONDS * 1000)) + Math.random() * 300);
      await victim.kill('SIGKILL');
      await collect(bed.hubs[(kill + 1) % 3] as HubProcess);
      await victim.restart();
    }
    const firings = await end(bed.hub);
    await expectFiredOnce(bed.hub, firings, { started: bed.started, everyMs: EVERY_SECONDS * 1000 });
  });

  it('shows its times in words, pauses, resumes, refuses what is wrong, and selects nothing by an empty selector', async () => {
    await using bed = await startRolloutBed({ hosts: 2 });
    const { hub } = bed;
    const [first] = bed.names as [HostId];
    bed.hosts.get(first)?.offer([BACKUP, { ...BACKUP, name: 'manual', schedulable: false }]);
    await eventually(
      async () =>
        (await put(hub, 'nightly', { cron: '0 3 * * *', timeZone: 'Europe/Berlin' })).status === 200,
      {
        what: 'the action',
      },
    );
    const nightly = await readSchedule(hub, 'nightly');
    expect(nightly).toMatchObject({
      words: 'At 03:00, every day (Europe/Berlin)',
      paused: null,
      firings: [],
    });
    expect(nightly.nextAtMs).toHaveLength(5);
    expect(nightly.nextAtMs[0]).toBeGreaterThan(Date.now());

    const pointers = async (body: object) => {
      const { status, json } = await put(hub, 'wrong', body);
      return [status, json.errors?.map(({ pointer }: { pointer: string }) => pointer)];
    };
    const cron = '0 3 * * *';
    expect(await pointers({ cron: '61 * * * *' })).toEqual([400, ['/cron']]);
    expect(await pointers({ cron, every: '1h' })).toEqual([400, ['/cron']]);
    expect(await pointers({ cron, timeZone: 'Berlin' })).toEqual([400, ['/timeZone']]);
    expect(await pointers({ cron, selector: undefined })).toEqual([400, ['/selector']]);
    expect(await pointers({ cron, action: 'manual' })).toEqual([422, ['/action']]);
    expect(
      (await ask(hub, 'PUT', '/schedules/Bad_Name!', { body: { cron, action: 'backup', host: first } }))
        .status,
    ).toBe(400);

    const second = '* * * * * *';
    expect((await put(hub, 'nobody', { cron: second, selector: '' })).status).toBe(200);
    const refused = await eventually(
      async () => {
        const { firings } = await readSchedule(hub, 'nobody');
        return firings[0]?.outcome === 'refused' ? firings[0] : null;
      },
      { what: 'a firing that selects nothing' },
    );
    expect(refused).toMatchObject({ rolloutId: null, detail: expect.stringContaining('selects no target') });
    expect(bed.started).toEqual([]);
    await ask(hub, 'DELETE', '/schedules/nobody');

    expect((await ask(hub, 'POST', '/schedules/nightly/pause')).json).toMatchObject({ nextAtMs: [] });
    expect((await ask(hub, 'POST', '/schedules/nightly/resume')).json.nextAtMs).toHaveLength(5);
    const names = async () =>
      (await ask(hub, 'GET', '/schedules')).json.schedules.map(({ name }: { name: string }) => name);
    expect(await names()).toEqual(['nightly']);
    expect((await ask(hub, 'DELETE', '/schedules/nightly')).status).toBe(204);
    expect((await ask(hub, 'DELETE', '/schedules/nightly')).status).toBe(404);
  });

  it('fires with the rights of its owner alone, and pauses when they end', async () => {
    await using bed = await startRolloutBed({ hosts: 2, hubOptions: { auth: 'first' } });
    const { hub } = bed;
    const [first, second] = bed.names as [HostId, HostId];
    for (const host of bed.hosts.values()) host.offer([BACKUP]);
    const ada = await makeToken(hub, { name: 'ada', role: 'operator', hosts: [first] });
    const cron = '* * * * * *';
    await eventually(
      async () =>
        (await put(hub, 'own', { cron, selector: undefined, host: first }, ada.token)).status === 200,
      {
        what: 'the action',
      },
    );
    for (const body of [{ selector: 'role=web' }, { selector: `host=${second}` }, { selector: '*' }])
      expect((await put(hub, 'other', { cron, ...body }, ada.token)).status, JSON.stringify(body)).toBe(403);
    await eventually(() => bed.started.length > 1, { what: 'two firings' });
    expect([...startsByHost(bed.started).keys()]).toEqual([first]);
    await put(hub, 'wide', { cron: '0 3 1 1 *' });
    expect((await put(hub, 'wide', { cron, selector: `host=${first}` }, ada.token)).status).toBe(403);
    expect((await ask(hub, 'POST', '/schedules/wide/pause', { token: ada.token })).status).toBe(403);

    await revoke(hub, ada.id);
    const paused = await eventually(
      async () => {
        const schedule = await readSchedule(hub, 'own');
        return schedule.paused === null ? null : schedule;
      },
      { what: 'the pause' },
    );
    expect(paused).toMatchObject({
      paused: expect.stringContaining('credential that set the schedule has ended'),
    });
  });
});
