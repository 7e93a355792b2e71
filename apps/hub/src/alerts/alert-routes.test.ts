import { BusError } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { newSecret } from '@booner/bus/secrets';
import { ALERT_LINK_PREFIX, ALL_SCOPES, alertLinkAnswerSchema, alertPageSchema } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { DB, endAlert, openAlert, RULE, startTestAlertHub, WEB } from '../testing/test-alert-hub.ts';

const READS_DB = { ...ALL_SCOPES, reads: 'role=db' };

/** A hub with an alert of each of two hosts. */
async function startScene(options?: Parameters<typeof startTestAlertHub>[1]) {
  const memory = createMemoryBus();
  const hub = await startTestAlertHub(memory, options);
  const ids = {
    db: await openAlert(hub.bus, DB),
    web: await openAlert(hub.bus, WEB, RULE, Date.now() + 1000),
  };
  await expect.poll(() => hub.board.open().length).toBe(2);
  await hub.settings.read();
  return { ...hub, memory, ids, [Symbol.asyncDispose]: () => hub[Symbol.asyncDispose]() };
}

describe('GET /alerts', () => {
  it('lists what fires, the newest first, and filters it', async () => {
    await using hub = await startScene();
    const hosts = async (query: string) => {
      const { json } = await hub.ask('GET', `/alerts${query}`);
      return alertPageSchema.parse(json).alerts.map(({ host }) => host);
    };
    expect(await hosts('')).toEqual([WEB, DB]);
    expect(await hosts('?limit=1')).toEqual([WEB]);
    expect(await hosts('?selector=role%3Ddb')).toEqual([DB]);
    expect(await hosts('?selector=*')).toEqual([WEB, DB]);
    expect(await hosts(`?host=${DB}&rule=${RULE}`)).toEqual([DB]);
    expect(await hosts('?rule=disk-usage')).toEqual([]);
    const { json } = await hub.ask('GET', `/alerts?host=${DB}`);
    expect(json).toMatchObject({
      alerts: [
        { id: hub.ids.db, status: 'firing', severity: 'crit', title: 'Host is offline', endedAtMs: null },
      ],
      next: null,
      position: hub.board.cursor,
    });
  });

  it('lists nothing for the empty selector', async () => {
    await using hub = await startScene();
    await endAlert(hub.bus, WEB);
    for (const status of ['firing', 'resolved']) {
      expect((await hub.ask('GET', `/alerts?status=${status}&selector=`)).json.alerts).toEqual([]);
    }
  });

  it('lists what has ended in pages', async () => {
    await using hub = await startScene();
    await endAlert(hub.bus, DB);
    await endAlert(hub.bus, WEB);
    const first = (await hub.ask('GET', '/alerts?status=resolved&limit=1')).json;
    expect(first.alerts).toMatchObject([{ host: WEB, status: 'resolved', valueText: '' }]);
    const second = (await hub.ask('GET', `/alerts?status=resolved&limit=1&before=${first.next}`)).json;
    expect(second.alerts).toMatchObject([{ host: DB, id: hub.ids.db }]);
    const ofDb = (await hub.ask('GET', '/alerts?status=resolved&selector=role%3Ddb')).json;
    expect(ofDb.alerts).toMatchObject([{ host: DB }]);
  });

  it('shows a credential with a read scope the alerts of its hosts only', async () => {
    await using hub = await startScene({ scopes: READS_DB });
    expect((await hub.ask('GET', '/alerts')).json.alerts).toMatchObject([{ host: DB }]);
    await endAlert(hub.bus, DB);
    await endAlert(hub.bus, WEB);
    expect((await hub.ask('GET', '/alerts?status=resolved')).json.alerts).toMatchObject([{ host: DB }]);
    expect((await hub.ask('GET', `/alerts?status=resolved&host=${WEB}`)).json.alerts).toEqual([]);
  });

  it('points to what is wrong with a query', async () => {
    await using hub = await startScene();
    for (const [query, pointer] of [
      ['selector=role%3D', '/selector'],
      ['limit=0', '/limit'],
      ['status=open', '/status'],
      ['before=yesterday&status=resolved', '/before'],
      ['before=1-1', '/before'],
      ['host=a%20b', '/host'],
      ['rule=UPPER', '/rule'],
    ]) {
      const { status, json } = await hub.ask('GET', `/alerts?${query}`);
      expect([query, status, json.errors?.[0]?.pointer]).toEqual([query, 400, pointer]);
    }
  });

  it('answers 503 before the alerts have been read', async () => {
    const readAlerts = () => Promise.reject(new BusError('disconnected', 'unreachable'));
    await using hub = await startTestAlertHub(createMemoryBus(), { wrap: (bus) => ({ ...bus, readAlerts }) });
    expect((await hub.ask('GET', '/alerts')).status).toBe(503);
    expect((await hub.ask('POST', '/alerts/some/ack')).status).toBe(503);
  });
});

describe('POST /alerts/:id/ack', () => {
  it('acknowledges once, whatever hub is asked and however often', async () => {
    await using hub = await startScene();
    await using other = await startTestAlertHub(hub.memory);
    await expect.poll(() => other.board.open().length).toBe(2);
    const first = await other.ask('POST', `/alerts/${hub.ids.db}/ack`);
    expect(first).toMatchObject({ status: 200, json: { id: hub.ids.db, acknowledged: { by: 'id tester' } } });
    hub.clock.nowMs += 1000;
    const second = await hub.ask('POST', `/alerts/${hub.ids.db}/ack`);
    expect(second.json).toEqual(first.json);
    expect(other.notes).toEqual([{ target: DB, detail: `${RULE} (${hub.ids.db})` }]);
    const stored = (await hub.bus.readAlerts()).alerts.find(({ alert }) => alert.host === DB);
    expect(stored?.alert.memory.episode?.acknowledged).toEqual(first.json.acknowledged);
  });

  it('tries again when the alert changes meanwhile, and gives up when it always does', async () => {
    let conflicts = 3;
    let isAcknowledging = false;
    await using hub = await startScene({
      wrap: (bus) => ({
        ...bus,
        async change(shard, lease, changes) {
          const [{ key, after } = {}] = changes;
          if (isAcknowledging && conflicts-- > 0 && key && after) {
            const { alerts } = await bus.readAlerts();
            const now = alerts.find(({ alert }) => alert.host === key.host)!;
            const moved = { ...now.alert, reading: Math.random() };
            await bus.change(shard, lease, [
              { key, before: now.text, after: moved, inputs: [], ended: null },
            ]);
          }
          return bus.change(shard, lease, changes);
        },
      }),
    });
    isAcknowledging = true;
    expect((await hub.ask('POST', `/alerts/${hub.ids.db}/ack`)).status).toBe(200);
    conflicts = Number.POSITIVE_INFINITY;
    const busy = await hub.ask('POST', `/alerts/${hub.ids.web}/ack`);
    expect([busy.status, busy.headers.get('retry-after')]).toEqual([503, '1']);
  });

  it('says that an alert has ended, or never was', async () => {
    await using hub = await startScene();
    const { board } = hub;
    const stale = board.findEpisode(hub.ids.db)!;
    await endAlert(hub.bus, DB);
    await expect.poll(() => board.findEpisode(hub.ids.db)).toBeNull();
    board.load({ cursor: board.cursor, alerts: [stale] }); // as a hub that has not heard of the end
    for (const id of [hub.ids.db, 'unknown']) {
      const { status, json } = await hub.ask('POST', `/alerts/${id}/ack`);
      expect([status, json.detail]).toEqual([404, expect.stringMatching(/has ended, or it never existed/)]);
    }
  });

  it('does not cover hosts outside the scopes of the credential', async () => {
    await using hub = await startScene({ scopes: READS_DB });
    expect((await hub.ask('POST', `/alerts/${hub.ids.web}/ack`)).status).toBe(404);
    expect((await hub.ask('POST', `/alerts/${hub.ids.db}/ack`)).status).toBe(200);
    await using limited = await startTestAlertHub(hub.memory, { scopes: { ...ALL_SCOPES, hosts: [DB] } });
    await expect.poll(() => limited.board.open().length).toBe(2);
    const { status, json } = await limited.ask('POST', `/alerts/${hub.ids.web}/ack`);
    expect([status, json.title]).toEqual([403, 'Out of scope']);
  });
});

describe('POST /alert-links/acknowledge', () => {
  const HOUR_MS = 3_600_000;

  it('acknowledges the open alerts of a link, once', async () => {
    await using hub = await startScene();
    const { text: secret, hash } = newSecret(ALERT_LINK_PREFIX);
    await hub.bus.putAlertLink(hash, [hub.ids.db, 'ended-long-ago'], HOUR_MS);
    const { status, json } = await hub.ask('POST', '/alert-links/acknowledge', { secret });
    expect([status, alertLinkAnswerSchema.parse(json)]).toEqual([
      200,
      {
        acknowledged: 1,
        alerts: [`Host is offline on ${DB}`],
        detail: `The alert is acknowledged: Host is offline on ${DB}.`,
      },
    ]);
    await expect
      .poll(() => hub.board.findEpisode(hub.ids.db)?.alert.memory.episode?.acknowledged?.by)
      .toBe('link');
    expect(hub.notes).toEqual([{ detail: `with a link: Host is offline on ${DB}` }]);
    const again = await hub.ask('POST', '/alert-links/acknowledge', { secret });
    expect(again).toMatchObject({
      status: 410,
      json: { detail: expect.stringMatching(/used already, or has expired/) },
    });
  });

  it('says that nothing is left', async () => {
    await using hub = await startScene();
    const { text: secret, hash } = newSecret(ALERT_LINK_PREFIX);
    await hub.bus.putAlertLink(hash, [hub.ids.db], HOUR_MS);
    await endAlert(hub.bus, DB);
    const { json } = await hub.ask('POST', '/alert-links/acknowledge', { secret });
    expect(json).toMatchObject({ acknowledged: 0, alerts: [], detail: expect.stringMatching(/have ended/) });
  });

  it('keeps a link that could not be used', async () => {
    let fails = false;
    await using hub = await startScene({
      wrap: (bus) => ({
        ...bus,
        change: (...given) =>
          fails ? Promise.reject(new BusError('timeout', 'too slow')) : bus.change(...given),
      }),
    });
    const { text: secret, hash } = newSecret(ALERT_LINK_PREFIX);
    await hub.bus.putAlertLink(hash, [hub.ids.db, hub.ids.web], HOUR_MS);
    fails = true;
    expect((await hub.ask('POST', '/alert-links/acknowledge', { secret })).status).toBe(503);
    fails = false;
    expect((await hub.ask('POST', '/alert-links/acknowledge', { secret })).json.acknowledged).toBe(2);
  });

  it('limits guesses, not valid links', async () => {
    await using hub = await startScene();
    const guess = () =>
      hub.ask('POST', '/alert-links/acknowledge', { secret: newSecret(ALERT_LINK_PREFIX).text });
    const statuses: number[] = [];
    for (let n = 0; n < 12; n++) statuses.push((await guess()).status);
    expect(statuses).toEqual([...Array(10).fill(410), 429, 429]);
    const { text: secret, hash } = newSecret(ALERT_LINK_PREFIX);
    await hub.bus.putAlertLink(hash, [hub.ids.db], HOUR_MS);
    expect((await hub.ask('POST', '/alert-links/acknowledge', { secret })).status).toBe(200);
    expect((await hub.ask('POST', '/alert-links/acknowledge', { secret: '' })).status).toBe(400);
  });
});
