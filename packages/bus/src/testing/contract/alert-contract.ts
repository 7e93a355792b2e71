import { type Cursor, parseSha256, START_CURSOR, type StoredAlert } from '@booner/protocol';
import { shardOf, shardOfText } from '@booner/protocol/shard';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { AlertBus, AlertChange, AlertEvent } from '../../alert-ports.ts';
import type { Lease, LeaseBus } from '../../lease-ports.ts';
import { MAX_ALERT_EVENTS, MAX_GROUP_INPUTS } from '../../limits.ts';
import type { OutboxBus } from '../../outbox-ports.ts';
import type { OnRejected } from '../../stored-values.ts';
import {
  makeAlert,
  makeChange,
  makeEntries,
  makeEpisode,
  makeGroup,
  makeInput,
  makeNotification,
} from './alert-factory.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';
import { HOST } from './sample-factory.ts';

/** A bus of one implementation, empty at first. */
export type AlertBusUnderTest = AsyncDisposable & {
  startAlerts(onRejected?: OnRejected): Promise<AlertBus>;
  startLeases(hub: string): Promise<LeaseBus>;
  startOutbox(hub: string): Promise<OutboxBus>;
};

const SHARD = shardOf(HOST);
const GROUP_SHARD = shardOfText('disk-full');
const HASH = parseSha256('ab'.repeat(32))!;
const FUTURE = '9999999999999-0' as Cursor;

const textOf = (alert: StoredAlert) => JSON.stringify(alert);
const toGroup = (count = 1): AlertChange['inputs'] =>
  Array.from({ length: count }, () => ({ shard: GROUP_SHARD, input: makeInput() }));

/** Describes the behaviour of every implementation of `AlertBus`. */
export function describeAlertContract(startBus: () => Promise<AlertBusUnderTest>): void {
  const start = async () => {
    await using resources = new AsyncDisposableStack();
    const bus = resources.use(await startBus());
    const rejected: string[] = [];
    const startHub = async () => {
      const alerts = owned.use(await bus.startAlerts(({ reason }) => void rejected.push(reason)));
      await untilConnected(alerts);
      return alerts;
    };
    const owned = resources.move();
    const leases = owned.use(await bus.startLeases('hub-1'));
    const leaseOf = (shard = SHARD): Promise<Lease> =>
      eventually(() => leases.leaseOf(shard) ?? undefined, { what: 'the lease' });
    const hub = await startHub();
    const eventsAfter = async (cursor: Cursor, count: number): Promise<readonly AlertEvent[]> => {
      const events: AlertEvent[] = [];
      while (events.length < count) {
        const next = await hub.nextEvents(events.at(-1)?.cursor ?? cursor, 100);
        if (next === 'trimmed') throw new Error('trimmed');
        events.push(...next);
      }
      return events;
    };
    const startOutbox = async () => {
      const outbox = owned.use(await bus.startOutbox('hub-1'));
      await untilConnected(outbox);
      return outbox;
    };
    return {
      ...{ hub, leases, rejected, startHub, leaseOf, eventsAfter, startOutbox },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  };

  describe('the connection', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startAlerts() };
    }));

  describe('settings', () => {
    it('are shared by all hubs, which learn of each change', async () => {
      await using scene = await start();
      const second = await scene.startHub();
      const { cursor } = await second.readAlerts();
      const value = { type: 'webhook', empty: [], nested: { list: [] }, text: 'Größe "a"' };
      expect(await scene.hub.putSetting('channels', 'ops', value, 10)).toBe('stored');
      expect(await second.readSettings('channels')).toEqual(new Map([['ops', value]]));
      expect(await second.readSettings('rules')).toEqual(new Map());
      expect(await second.removeSetting('channels', 'ops')).toBe(true);
      expect(await scene.hub.removeSetting('channels', 'ops')).toBe(false);
      expect(await scene.hub.readSettings('channels')).toEqual(new Map());
      expect(await scene.eventsAfter(cursor, 2)).toEqual([
        { type: 'settings', kind: 'channels', cursor: expect.any(String) },
        { type: 'settings', kind: 'channels', cursor: expect.any(String) },
      ]);
    });

    it('are limited in number and size', async () => {
      await using scene = await start();
      const { hub } = scene;
      expect(await hub.putSetting('rules', 'a', { version: 1 }, 1)).toBe('stored');
      expect(await hub.putSetting('rules', 'b', {}, 1)).toBe('full');
      expect(await hub.putSetting('rules', 'a', { version: 2 }, 1)).toBe('stored');
      expect(await hub.readSettings('rules')).toEqual(new Map([['a', { version: 2 }]]));
      await expect(hub.putSetting('rules', 'a', { text: 'x'.repeat(65_536) }, 1)).rejects.toMatchObject({
        code: 'refused',
        message: expect.stringMatching(/^the setting a: .* 65536 are allowed: make it shorter/),
      });
      expect(await hub.readSettings('rules')).toEqual(new Map([['a', { version: 2 }]]));
    });
  });

  describe('a change', () => {
    it('is stored, with its inputs for groups and its event, and seen by all hubs', async () => {
      await using scene = await start();
      const second = await scene.startHub();
      const lease = await scene.leaseOf();
      const before = await second.readAlerts();
      expect(before).toEqual({ cursor: START_CURSOR, alerts: [] });
      const [alert, other] = [makeAlert(), makeAlert({ rule: 'host-down', device: null })];
      const changes = [makeChange(alert, { inputs: toGroup(2) }), makeChange(other)];
      expect(await scene.hub.change(SHARD, lease, changes)).toEqual([
        { type: 'changed', text: textOf(alert) },
        { type: 'changed', text: textOf(other) },
      ]);
      const after = await second.readAlerts();
      expect(after.alerts.toSorted((a, b) => (a.alert.rule < b.alert.rule ? -1 : 1))).toEqual([
        { alert, text: textOf(alert) },
        { alert: other, text: textOf(other) },
      ]);
      const events = await scene.eventsAfter(before.cursor, 1);
      expect(events).toEqual([
        {
          type: 'alerts',
          cursor: after.cursor,
          groupShards: [GROUP_SHARD],
          changes: [alert, other].map((each) => ({
            key: { rule: each.rule, host: each.host, device: each.device },
            after: { alert: each, text: textOf(each) },
            ended: null,
          })),
        },
      ]);
      expect((await second.readGroups(GROUP_SHARD)).inputs).toEqual([makeInput(), makeInput()]);
      expect(scene.rejected).toEqual([]);
    });

    it('may be of no host: of a rollout or a schedule', async () => {
      await using scene = await start();
      const shard = shardOf(null);
      const lease = await scene.leaseOf(shard);
      const alert = makeAlert({ host: null, device: 'nightly' });
      const ofHost = makeAlert({ device: 'nightly' });
      expect(await scene.hub.change(shard, lease, [makeChange(alert)])).toEqual([
        { type: 'changed', text: textOf(alert) },
      ]);
      await scene.hub.change(SHARD, null, [makeChange(ofHost)]);
      const { alerts, cursor } = await scene.hub.readAlerts();
      expect(alerts.map((read) => read.alert.host).toSorted()).toEqual([HOST, null]);
      const ended = makeEpisode({ host: null, device: alert.device });
      const end = makeChange(alert, { before: textOf(alert), after: null, ended });
      expect(await scene.hub.change(shard, lease, [end])).toEqual([{ type: 'changed', text: null }]);
      expect(await scene.eventsAfter(cursor, 1)).toMatchObject([
        { changes: [{ key: { host: null }, after: null, ended }] },
      ]);
      expect((await scene.hub.readAlerts()).alerts.map((read) => read.alert.host)).toEqual([HOST]);
      expect(scene.rejected).toEqual([]);
    });

    it('that ends an episode keeps it', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      const alert = makeAlert();
      await scene.hub.change(SHARD, lease, [makeChange(alert)]);
      const { cursor } = await scene.hub.readAlerts();
      const ended = makeEpisode();
      const end = makeChange(alert, { before: textOf(alert), after: null, ended });
      expect(await scene.hub.change(SHARD, lease, [end])).toEqual([{ type: 'changed', text: null }]);
      expect((await scene.hub.readAlerts()).alerts).toEqual([]);
      expect(await scene.eventsAfter(cursor, 1)).toMatchObject([
        { type: 'alerts', changes: [{ key: end.key, after: null, ended }] },
      ]);
      expect(await scene.hub.readEpisodes({ limit: 10 })).toEqual({ episodes: [ended], next: null });
    });

    it('of what is not stored like that any more changes nothing, and shows what is stored', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      const [alert, acknowledged] = [makeAlert(), makeAlert({ reading: 1 })];
      await scene.hub.change(SHARD, lease, [makeChange(alert)]);
      await scene.hub.change(SHARD, null, [makeChange(acknowledged, { before: textOf(alert) })]);
      const { cursor } = await scene.hub.readAlerts();
      const stale = { before: textOf(alert), inputs: toGroup(), ended: makeEpisode() };
      const absent = makeAlert({ rule: 'host-down' });
      const outcomes = await scene.hub.change(SHARD, lease, [
        makeChange(makeAlert({ reading: 2 }), stale),
        makeChange(alert),
        makeChange(absent, { before: textOf(absent) }),
      ]);
      const current = { alert: acknowledged, text: textOf(acknowledged) };
      expect(outcomes).toEqual([
        { type: 'conflict', current },
        { type: 'conflict', current },
        { type: 'conflict', current: null },
      ]);
      expect(await scene.hub.readAlerts()).toEqual({ cursor, alerts: [current] });
      expect((await scene.hub.readGroups(GROUP_SHARD)).inputs).toEqual([]);
      expect((await scene.hub.readEpisodes({ limit: 1 })).episodes).toEqual([]);
    });

    it('is made beside others that conflict', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      const [alert, other] = [makeAlert(), makeAlert({ rule: 'host-down' })];
      await scene.hub.change(SHARD, lease, [makeChange(alert)]);
      const { cursor } = await scene.hub.readAlerts();
      const outcomes = await scene.hub.change(SHARD, lease, [makeChange(alert), makeChange(other)]);
      expect(outcomes).toMatchObject([{ type: 'conflict' }, { type: 'changed' }]);
      expect(await scene.eventsAfter(cursor, 1)).toMatchObject([
        { changes: [{ key: { rule: 'host-down' } }] },
      ]);
    });

    it('without the lease in force is refused as a whole', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      const other = await scene.leaseOf(GROUP_SHARD);
      for (const stale of [{ ...lease, epoch: lease.epoch - 1 }, { ...lease, hub: 'hub-2' }, other]) {
        expect(await scene.hub.change(SHARD, stale, [makeChange(makeAlert())])).toBe('not_held');
      }
      expect(await scene.hub.readAlerts()).toEqual({ cursor: START_CURSOR, alerts: [] });
    });

    it('replaces what cannot be parsed, after it was reported', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      const broken = makeAlert({ changedAtMs: -1 });
      await scene.hub.change(SHARD, lease, [makeChange(broken)]);
      expect((await scene.hub.readAlerts()).alerts).toEqual([]);
      const change = [makeChange(makeAlert())];
      expect(await scene.hub.change(SHARD, lease, change)).toEqual([{ type: 'conflict', current: null }]);
      expect(await scene.hub.change(SHARD, lease, change)).toMatchObject([{ type: 'changed' }]);
      expect(scene.rejected).toEqual(['wrong_shape', 'wrong_shape']);
    });

    it('loses inputs that no group takes, and says so', async () => {
      await using scene = await start();
      const lease = await scene.leaseOf();
      let alert = makeAlert({ reading: 0 });
      await scene.hub.change(SHARD, lease, [makeChange(alert)]);
      for (let count = 0; count <= MAX_GROUP_INPUTS; count += 1000) {
        const next = makeAlert({ reading: count + 1 });
        const given = { before: textOf(alert), inputs: toGroup(1000) };
        expect(await scene.hub.change(SHARD, lease, [makeChange(next, given)])).toMatchObject([
          { type: 'changed' },
        ]);
        alert = next;
      }
      expect(new Set(scene.rejected)).toEqual(new Set(['excess']));
      const { inputs } = await scene.hub.readGroups(GROUP_SHARD);
      expect(inputs).toHaveLength(1000);
    }, 60_000);
  });

  describe('events', () => {
    it('wake every hub that waits', async () => {
      await using scene = await start();
      const second = await scene.startHub();
      const waiting = [scene.hub, second].map((hub) => hub.nextEvents(START_CURSOR, 10));
      await scene.hub.putSetting('silences', 'a', {}, 10);
      for (const events of await Promise.all(waiting)) expect(events).toMatchObject([{ kind: 'silences' }]);
    });

    it.each(['1-1', FUTURE])(
      'after a position that the stream does not have are unknown: %s',
      async (text) => {
        await using scene = await start();
        await scene.hub.putSetting('silences', 'a', {}, 10);
        expect(await scene.hub.nextEvents(text as Cursor, 10)).toBe('trimmed');
      },
    );

    it('are about 10,000', async () => {
      await using scene = await start();
      for (let round = 0; round < MAX_ALERT_EVENTS + 500; round += 500) {
        await Promise.all(
          Array.from({ length: 500 }, (_, index) => scene.hub.putSetting('rules', `${index}`, {}, 500)),
        );
      }
      expect(await scene.hub.nextEvents(START_CURSOR, 10)).toBe('trimmed');
      const { cursor } = await scene.hub.readAlerts();
      await scene.hub.removeSetting('rules', '1');
      expect(await scene.eventsAfter(cursor, 1)).toMatchObject([{ kind: 'rules' }]);
    }, 60_000);
  });

  it('ended episodes are read in pages, newest first, those that are wanted', async () => {
    await using scene = await start();
    const { hub } = scene;
    const lease = await scene.leaseOf();
    for (let index = 0; index < 300; index += 1) {
      const alert = makeAlert({ rule: `rule-${index}` });
      const ended = makeEpisode({ id: `e-${index}` });
      await hub.change(SHARD, lease, [makeChange(alert, { after: null, ended })]);
    }
    const idsOf = (page: Awaited<ReturnType<AlertBus['readEpisodes']>>) => page.episodes.map(({ id }) => id);
    const first = await hub.readEpisodes({ limit: 2 });
    expect(idsOf(first)).toEqual(['e-299', 'e-298']);
    const second = await hub.readEpisodes({ limit: 2, before: first.next! });
    expect(idsOf(second)).toEqual(['e-297', 'e-296']);
    const accepts = ({ id }: { readonly id: string }) => id.length === 3;
    const rare = await hub.readEpisodes({ limit: 9, accepts });
    expect(idsOf(rare)).toEqual(['e-9', 'e-8', 'e-7', 'e-6', 'e-5', 'e-4', 'e-3', 'e-2', 'e-1']);
    const last = await hub.readEpisodes({ limit: 9, accepts, before: rare.next! });
    expect([idsOf(last), last.next]).toEqual([['e-0'], null]);
    expect(await hub.readEpisodes({ limit: 9, before: START_CURSOR })).toEqual({ episodes: [], next: null });
  });

  describe('groups', () => {
    it('are stored with what they took, and put their notifications into the outbox', async () => {
      await using scene = await start();
      const { hub } = scene;
      const outbox = await scene.startOutbox();
      const lease = await scene.leaseOf(GROUP_SHARD);
      const change = makeChange(makeAlert(), {
        inputs: [1, 2, 3].map((count) => ({
          shard: GROUP_SHARD,
          input: makeInput({ group: `group-${count}` }),
        })),
      });
      await hub.change(SHARD, await scene.leaseOf(), [change]);
      const notifications = [
        ...makeEntries(2),
        { channel: 'mail', notification: makeNotification({ id: 'n-1' }) },
      ];
      const groups = new Map([
        ['disk full "a"', makeGroup()],
        ['other', makeGroup({ open: [] })],
      ]);
      expect(await hub.saveGroups(lease, { taken: 2, groups, notifications })).toBe(true);
      const stored = await (await scene.startHub()).readGroups(GROUP_SHARD);
      expect(stored).toEqual({ groups, inputs: [makeInput({ group: 'group-3' })] });
      expect((await outbox.take(10)).map(({ id }) => id)).toEqual(['n-1:ops', 'n-2:ops', 'n-1:mail']);
      await hub.saveGroups(lease, { taken: 1, groups: new Map([['other', null]]), notifications: [] });
      const left = await hub.readGroups(GROUP_SHARD);
      expect([[...left.groups.keys()], left.inputs]).toEqual([['disk full "a"'], []]);
      expect(scene.rejected).toEqual([]);
    });

    it('are not changed without the lease in force', async () => {
      await using scene = await start();
      const outbox = await scene.startOutbox();
      const lease = await scene.leaseOf(GROUP_SHARD);
      await scene.hub.change(SHARD, null, [makeChange(makeAlert(), { inputs: toGroup() })]);
      const groups = new Map([['disk-full', makeGroup()]]);
      const changes = { taken: 1, groups, notifications: makeEntries(1) };
      for (const stale of [
        { ...lease, epoch: lease.epoch - 1 },
        { ...lease, hub: 'hub-2' },
      ]) {
        expect(await scene.hub.saveGroups(stale, changes)).toBe(false);
      }
      expect(await scene.hub.readGroups(GROUP_SHARD)).toEqual({ groups: new Map(), inputs: [makeInput()] });
      expect((await outbox.depth()).offered).toBe(0);
    });

    it('read what cannot be parsed as null', async () => {
      await using scene = await start();
      const input = makeInput({ use: 'other' as 'track' });
      const change = makeChange(makeAlert(), { inputs: [{ shard: GROUP_SHARD, input }, ...toGroup()] });
      await scene.hub.change(SHARD, null, [change]);
      expect((await scene.hub.readGroups(GROUP_SHARD)).inputs).toEqual([null, makeInput()]);
      expect(scene.rejected).toEqual(['wrong_shape']);
    });
  });

  it('keeps the last time of each heartbeat, until it is removed', async () => {
    await using scene = await start();
    const { hub } = scene;
    await hub.putSetting('heartbeats', 'backup', {}, 10);
    await hub.beat('backup', 1000);
    await hub.beat('backup', 2000);
    await hub.beat('other', 3000);
    expect(await (await scene.startHub()).readBeats()).toEqual(
      new Map([
        ['backup', 2000],
        ['other', 3000],
      ]),
    );
    await hub.removeSetting('heartbeats', 'backup');
    expect(await hub.readBeats()).toEqual(new Map([['other', 3000]]));
  });

  it('gives away a link once, while it is valid', async () => {
    await using scene = await start();
    const second = await scene.startHub();
    await scene.hub.putAlertLink(HASH, ['e-1', 'e-2'], 60_000);
    const taken = await Promise.all([scene.hub, second].map((hub) => hub.takeAlertLink(HASH)));
    expect(taken.filter((episodes) => episodes !== null)).toEqual([['e-1', 'e-2']]);
    await scene.hub.putAlertLink(HASH, ['e-1'], 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(await second.takeAlertLink(HASH)).toBeNull();
  });
}
