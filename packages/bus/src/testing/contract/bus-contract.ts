import { type BackfillLayout, type HostId, MAX_LABELS, type Registration } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import type { FleetBus, FleetListener, SamplePublisher } from '../../ports.ts';
import { MAX_VALUE_BYTES } from '../../stored-values.ts';
import { describeConnection, untilConnected } from './connection-contract.ts';
import { recordEvents } from './recording-listener.ts';
import { HOST, makeInventory, makeSample, makeSamples, OTHER_HOST } from './sample-factory.ts';

/** A bus of one implementation, empty at first. */
export type BusUnderTest = AsyncDisposable & {
  startPublisher(host: HostId): Promise<SamplePublisher>;
  startFleet(listener: FleetListener): Promise<FleetBus>;
};

const DEADLINE_MS = 60_000;
const until = (what: string, condition: () => unknown) =>
  eventually(condition, { what, deadlineMs: DEADLINE_MS });

/** Describes the behaviour of every implementation of the ports. */
export function describeBusContract(startBus: () => Promise<BusUnderTest>): void {
  const startPublisher = async (bus: BusUnderTest, host = HOST) => {
    const publisher = await bus.startPublisher(host);
    await untilConnected(publisher);
    return publisher;
  };
  /** A fleet that has caught up. */
  const startFleet = async (bus: BusUnderTest) => {
    const received = recordEvents();
    const fleet = await bus.startFleet(received.listener);
    await until('the first catch-up', () => received.catchUps.length === 1);
    return { fleet, received, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() };
  };

  describe('the connection of a publisher', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startPublisher(HOST) };
    }));

  describe('the connection of a fleet', () =>
    describeConnection(async () => {
      const bus = await startBus();
      return { bus, side: await bus.startFleet(recordEvents().listener) };
    }));

  describe('a backfill', () => {
    const request = { id: 'a', fromMs: 60_000, toMs: 120_000 };
    const layouts: BackfillLayout[] = [[['fileSystemUsedBytes', '/']]];
    const backfill = { layouts, minutes: [{ startMs: 60_000, layout: 0, data: 'AAAA' }] };

    it('reaches the hub that asked for it', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      expect(await publisher.readBackfillRequest()).toBeNull();
      expect(await hub.fleet.requestBackfill(HOST, request)).toEqual(request);
      expect(await publisher.readBackfillRequest()).toEqual(request);
      expect(await hub.fleet.readBackfill(HOST, request.id)).toBeNull();
      await publisher.storeBackfill({ id: request.id, ...backfill });
      expect(await hub.fleet.readBackfill(HOST, request.id)).toMatchObject(backfill);
      expect(await hub.fleet.readBackfill(HOST, 'another')).toBeNull();
      expect(await hub.fleet.readBackfill(OTHER_HOST, request.id)).toBeNull();
      await publisher.storeBackfill(null);
      expect(await hub.fleet.readBackfill(HOST, request.id)).toBeNull();
      expect(hub.received.rejections).toEqual([]);
    });

    it('is asked for once by two hubs, and read by both', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using first = await startFleet(bus);
      await using second = await startFleet(bus);
      await first.fleet.requestBackfill(HOST, request);
      const later = { ...request, id: 'b', toMs: request.toMs + 1 };
      for (const { fleet } of [second, first])
        expect(await fleet.requestBackfill(HOST, fleet === second.fleet ? later : request)).toEqual(later);
      expect(await publisher.readBackfillRequest()).toEqual(later);
      await publisher.storeBackfill({ id: later.id, layouts: [], minutes: [] });
      for (const { fleet } of [first, second])
        expect(await fleet.readBackfill(HOST, later.id)).toMatchObject({ minutes: [] });
    });
  });

  describe('publishing', () => {
    it('delivers a sample as it was published', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      expect(await publisher.publish(makeSample())).toBe('published');
      await until('the sample', () => hub.received.samples.length > 0);
      expect(hub.received.samples).toEqual([makeSample()]);
      expect(hub.received.rejections).toEqual([]);
    });

    it('keeps the order of the samples of a host', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      for (const sample of makeSamples(200)) await publisher.publish(sample);
      await until('all samples', () => hub.received.samples.length === 200);
      expect(hub.received.samples.map(({ sequence }) => sequence)).toEqual(
        makeSamples(200).map((s) => s.sequence),
      );
    });

    it('delivers to every hub', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using first = await startFleet(bus);
      await using second = await startFleet(bus);
      await publisher.publish(makeSample());
      await until(
        'the sample at both',
        () => first.received.samples.length + second.received.samples.length === 2,
      );
    });

    it('delivers both of two publishers that claim one host', async () => {
      await using bus = await startBus();
      await using one = await startPublisher(bus);
      await using two = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await one.publish(makeSample({ instance: 'one' }));
      await two.publish(makeSample({ instance: 'two' }));
      await until('both samples', () => hub.received.samples.length === 2);
      expect(hub.received.samples.map(({ instance }) => instance).sort()).toEqual(['one', 'two']);
    });

    it('does not deliver inside the call of publish', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      const publishing = publisher.publish(makeSample());
      expect(hub.received.samples).toEqual([]);
      await publishing;
      await until('the sample', () => hub.received.samples.length === 1);
    });

    it('says goodbye with the instance', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await publisher.bye('instance-1');
      await until('the goodbye', () => hub.received.byes.length > 0);
      expect(hub.received.byes).toEqual([{ host: HOST, bye: { type: 'bye', instance: 'instance-1' } }]);
    });

    it('drops what is published after disposal, and can be disposed of twice', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await publisher[Symbol.asyncDispose]();
      expect(await publisher.publish(makeSample())).toBe('dropped');
      await publisher.bye('instance-1');
      expect(publisher.connection().state).toBe('disconnected');
    });
  });

  describe('catching up', () => {
    it('reports the connection first, then what is stored, and nothing at first', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      expect(hub.received.connections.map(({ state }) => state)).toEqual(['connected']);
      expect(hub.fleet.connection().state).toBe('connected');
      expect(hub.received.catchUps).toEqual([{ targets: [], registrations: new Map() }]);
    });

    it('gives a hub that starts late the last sample and the inventory of each target', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using other = await startPublisher(bus, OTHER_HOST);
      for (const sample of makeSamples(3)) await publisher.publish(sample);
      publisher.describe(makeInventory(), '0.1.0');
      await other.publish(makeSample({ host: OTHER_HOST }));
      await until('the inventory to be stored', async () => {
        await using early = await startFleet(bus);
        return (await early.fleet.readInventories([HOST])).size;
      });
      await using hub = await startFleet(bus);
      const [catchUp] = hub.received.catchUps;
      const targets = catchUp?.targets.toSorted((a, b) => a.host.localeCompare(b.host));
      expect(targets).toEqual([
        { host: HOST, sample: makeSample({ sequence: 3 }), inventory: makeInventory() },
        { host: OTHER_HOST, sample: makeSample({ host: OTHER_HOST }), inventory: null },
      ]);
      expect(hub.received.samples).toEqual([]);
      expect(hub.received.rejections).toEqual([]);
    });

    it('reads the inventories of the hosts that have one', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      publisher.describe(makeInventory({ takenAtMs: 1 }), '0.1.0');
      publisher.describe(makeInventory({ takenAtMs: 2 }), '0.1.0');
      const expected = new Map([[HOST, makeInventory({ takenAtMs: 2 })]]);
      await until('the inventory', async () => {
        expect(await hub.fleet.readInventories([HOST, OTHER_HOST])).toEqual(expected);
        return true;
      });
      expect(await hub.fleet.readInventories([])).toEqual(new Map());
    });

    it('knows how long ago the bus answered', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await until('an echo', () => hub.fleet.lastEchoAgeMs() !== null);
      expect(hub.fleet.lastEchoAgeMs()).toBeLessThan(DEADLINE_MS);
      await hub.fleet[Symbol.asyncDispose]();
      expect(hub.fleet.lastEchoAgeMs()).toBeNull();
    });
  });

  describe('registrations', () => {
    const registration: Registration = {
      label: null,
      labels: {},
      firstSeenAtMs: 50,
      lastSeenAtMs: 60,
      status: 'active',
    };
    const registered = async (...steps: Registration[]) => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      for (const step of steps) await hub.fleet.register(new Map([[HOST, step]]));
      const registrations = await hub.fleet.readRegistrations();
      await using late = await startFleet(bus);
      expect(late.received.catchUps[0]?.registrations).toEqual(registrations);
      return registrations;
    };

    it('are kept for hubs that start later', async () => {
      expect(await registered(registration)).toEqual(new Map([[HOST, registration]]));
    });

    it('keep a label that is stored, and take one where there is none', async () => {
      const named = await registered(
        registration,
        { ...registration, label: 'web' },
        { ...registration, label: 'db' },
      );
      expect(named.get(HOST)?.label).toBe('web');
    });

    it('keep labels that are stored, and take them where there are none', async () => {
      const labelled = (labels: Registration['labels']) => ({ ...registration, labels });
      const kept = await registered(labelled({ role: 'db' }), labelled({ role: 'web' }), labelled({}));
      expect(kept.get(HOST)?.labels).toEqual({ role: 'db' });
      const none = await registered(labelled({}), labelled({ role: 'web' }));
      expect(none.get(HOST)?.labels).toEqual({});
    });

    it('keep the earliest first and the latest last sight, and take the given status', async () => {
      const unseen: Registration = {
        label: null,
        labels: {},
        firstSeenAtMs: null,
        lastSeenAtMs: null,
        status: 'pending',
      };
      const earlier: Registration = { ...registration, firstSeenAtMs: 40, lastSeenAtMs: 55 };
      const later: Registration = {
        ...registration,
        firstSeenAtMs: 1_795_000_000_123,
        lastSeenAtMs: 1_795_000_000_124,
      };
      const merged = await registered(unseen, registration, earlier, later, { ...unseen, status: 'offline' });
      expect(merged.get(HOST)).toEqual({
        label: null,
        labels: {},
        firstSeenAtMs: 40,
        lastSeenAtMs: 1_795_000_000_124,
        status: 'offline',
      });
    });

    it('can be many', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      const many = new Map(
        Array.from({ length: 2500 }, (_, index) => [
          `host-${index}` as HostId,
          { ...registration, lastSeenAtMs: index },
        ]),
      );
      await hub.fleet.register(many);
      expect(await hub.fleet.readRegistrations()).toEqual(many);
    });
  });

  describe('rejection', () => {
    const oversized = makeSample({
      unavailable: Object.fromEntries(
        Array.from({ length: 800 }, (_, index) => [`part ${index}`, 'x'.repeat(400)]),
      ),
    });
    it.each([
      ['wrong_host', makeSample({ host: OTHER_HOST })],
      ['wrong_shape', makeSample({ uptimeSeconds: -1 })],
      ['wrong_shape', makeSample({ cpu: { usageRatio: Number.NaN } as never })],
      ['wrong_shape', { type: 'sample' } as never],
      ['oversized', oversized],
    ] as const)('says %s, both live and when catching up, and delivers the next', async (reason, bad) => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await publisher.publish(bad);
      await until('the rejection', () => hub.received.rejections.length === 1);
      expect(hub.received.rejections[0]).toMatchObject({
        reason,
        host: HOST,
        detail: expect.stringMatching(/.{5}/),
      });
      expect(hub.received.samples).toEqual([]);

      await using late = await startFleet(bus);
      expect(late.received.rejections).toMatchObject([{ reason, host: HOST }]);
      expect(late.received.catchUps[0]?.targets).toEqual([{ host: HOST, sample: null, inventory: null }]);

      await publisher.publish(makeSample());
      await until('the good sample', () => hub.received.samples.length === 1);
    });

    it('does not quote what it rejects', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await publisher.publish(makeSample({ host: 'hunter2' as HostId, uptimeSeconds: 'hunter2' as never }));
      await until('the rejection', () => hub.received.rejections.length === 1);
      expect(JSON.stringify(hub.received.rejections)).not.toContain('hunter2');
    });

    it('takes a value as large as the limit allows', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      const large = {
        ...oversized,
        unavailable: Object.fromEntries(Object.entries(oversized.unavailable).slice(0, 600)),
      };
      expect(JSON.stringify(large).length).toBeGreaterThan(MAX_VALUE_BYTES * 0.9);
      await publisher.publish(large);
      await until('the large sample', () => hub.received.samples.length === 1);
    });
  });

  describe('adding and removing targets', () => {
    const PENDING = {
      label: null,
      labels: {},
      firstSeenAtMs: null,
      lastSeenAtMs: null,
      status: 'pending',
    } as const;
    const SEEN = { label: 'web', labels: {}, firstSeenAtMs: 1, lastSeenAtMs: 2, status: 'active' } as const;

    it('registers a host that never reported', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      expect(await hub.fleet.add(HOST, 'game server')).toEqual({ ...PENDING, label: 'game server' });
      expect(await hub.fleet.add(OTHER_HOST, null)).toEqual(PENDING);
      expect([...(await hub.fleet.readRegistrations()).keys()].sort()).toEqual([HOST, OTHER_HOST]);
    });

    it('gives a registered host another label, and keeps the rest', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await hub.fleet.register(new Map([[HOST, SEEN]]));
      expect(await hub.fleet.add(HOST, null)).toEqual(SEEN);
      expect(await hub.fleet.add(HOST, 'database')).toEqual({ ...SEEN, label: 'database' });
      expect((await hub.fleet.readRegistrations()).get(HOST)).toEqual({ ...SEEN, label: 'database' });
    });

    it('changes labels as a merge patch, and notifies every hub', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await using other = await startFleet(bus);
      await hub.fleet.register(new Map([[HOST, SEEN]]));
      const labels = { role: 'db', note: 'rack 4, "left"/\u{1f600}', constructor: '' };
      const labelled = { ...SEEN, labels };
      expect(await hub.fleet.changeLabels(HOST, labels, null)).toEqual({
        type: 'changed',
        registration: labelled,
      });
      const changed = { ...SEEN, labels: { role: 'db', env: 'prod' } };
      expect(
        await hub.fleet.changeLabels(
          HOST,
          { note: null, env: 'prod', constructor: null, absent: null },
          null,
        ),
      ).toEqual({ type: 'changed', registration: changed });
      await hub.fleet.register(new Map([[HOST, { ...SEEN, labels: { role: 'web' } }]]));
      expect((await hub.fleet.readRegistrations()).get(HOST)).toEqual(changed);
      await until('both hubs to be notified', () =>
        [hub, other].every(({ received }) => received.registrations.length === 2),
      );
      expect(other.received.registrations).toEqual([
        { host: HOST, registration: labelled },
        { host: HOST, registration: changed },
      ]);
    });

    it('leaves no labels where all are removed, and stores none that were removed', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await hub.fleet.changeLabels(HOST, { role: 'db' }, SEEN);
      await hub.fleet.changeLabels(HOST, { role: null }, { ...SEEN, labels: { role: 'db' } });
      expect((await hub.fleet.readRegistrations()).get(HOST)).toEqual(SEEN);
      await hub.fleet.register(new Map([[HOST, { ...SEEN, labels: { role: 'db' } }]]));
      expect((await hub.fleet.readRegistrations()).get(HOST)?.labels).toEqual({});
    });

    it('labels a known host that is not stored yet, and no other', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      expect(await hub.fleet.changeLabels(HOST, { role: 'db' }, null)).toEqual({ type: 'unregistered' });
      expect((await hub.fleet.readRegistrations()).size).toBe(0);
      const registration = { ...SEEN, labels: { role: 'db' } };
      expect(await hub.fleet.changeLabels(HOST, { role: 'db' }, SEEN)).toEqual({
        type: 'changed',
        registration,
      });
    });

    it('keeps to the most labels that a host can have', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      const many = Object.fromEntries(Array.from({ length: MAX_LABELS }, (_, index) => [`k${index}`, 'v']));
      expect(await hub.fleet.changeLabels(HOST, many, SEEN)).toMatchObject({ type: 'changed' });
      expect(await hub.fleet.changeLabels(HOST, { more: 'v' }, null)).toEqual({ type: 'too_many' });
      expect(await hub.fleet.changeLabels(HOST, { more: 'v', k0: null }, null)).toMatchObject({
        type: 'changed',
      });
      const { labels = {} } = (await hub.fleet.readRegistrations()).get(HOST) ?? {};
      expect([Object.keys(labels).length, labels.more]).toEqual([MAX_LABELS, 'v']);
    });

    it('loses no change of several hubs at the same time', async () => {
      await using bus = await startBus();
      await using one = await startFleet(bus);
      await using two = await startFleet(bus);
      await one.fleet.add(HOST, null);
      await Promise.all(
        [one, two].flatMap(({ fleet }, hub) =>
          Array.from({ length: 8 }, (_, n) => fleet.changeLabels(HOST, { [`hub-${hub}.${n}`]: 'x' }, null)),
        ),
      );
      const { labels = {} } = (await one.fleet.readRegistrations()).get(HOST) ?? {};
      expect(Object.keys(labels)).toHaveLength(16);
    });

    it('forgets the labels of a removed target', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await hub.fleet.changeLabels(HOST, { role: 'db' }, SEEN);
      await hub.fleet.remove(HOST);
      expect(await hub.fleet.add(HOST, null)).toEqual(PENDING);
    });

    it('forgets a removed target, and notifies every hub after everything that its agent sent', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await using other = await startFleet(bus);
      await hub.fleet.register(new Map([[HOST, SEEN]]));
      await publisher.publish(makeSample());
      expect(await hub.fleet.remove(HOST)).toBe(true);
      await until(
        'both hubs to be notified',
        () => hub.received.removals.length + other.received.removals.length === 2,
      );
      expect(other.received).toMatchObject({ removals: [HOST], samples: [{ host: HOST }] });
      await using late = await startFleet(bus);
      expect(late.received.catchUps).toEqual([{ targets: [], registrations: new Map() }]);
      expect(await hub.fleet.remove(HOST)).toBe(false);
    });
  });

  describe('a publisher whose target was removed', () => {
    it('stores the inventory again with the next samples', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      const inventory = async () => (await hub.fleet.readInventories([HOST])).get(HOST);
      publisher.describe(makeInventory(), '0.1.0');
      await publisher.publish(makeSample());
      await publisher.publish(makeSample({ sequence: 2 }));
      await until('the inventory', inventory);
      await hub.fleet.remove(HOST);
      expect(await inventory()).toBeUndefined();
      await publisher.publish(makeSample({ sequence: 3 }));
      await until('the inventory again', inventory);
      expect(await inventory()).toEqual(makeInventory());
    });
  });

  describe('a quarantine', () => {
    const QUARANTINE = { sinceMs: 1_795_000_000_123, reason: 'it floods', redisLine: null };

    it('is kept with the registration, once, and every hub drops what the host sends', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await using other = await startFleet(bus);
      await hub.fleet.add(HOST, 'web');
      expect(await hub.fleet.quarantine(HOST, QUARANTINE)).toEqual({ isNew: true, quarantine: QUARANTINE });
      const later = { ...QUARANTINE, sinceMs: 1_795_000_000_999 };
      expect(await other.fleet.quarantine(HOST, later)).toEqual({ isNew: false, quarantine: QUARANTINE });
      await until('both hubs to be notified', () =>
        [hub, other].every(({ received }) => received.registrations.at(-1)?.registration.quarantine),
      );
      expect(other.received.registrations.at(-1)).toMatchObject({
        host: HOST,
        registration: { label: 'web', quarantine: QUARANTINE },
      });
      await publisher.publish(makeSample());
      await until('the rejection', () => other.received.rejections.length === 1);
      expect(other.received).toMatchObject({
        samples: [],
        rejections: [{ reason: 'quarantined', host: HOST }],
      });
      expect((await hub.fleet.readRegistrations()).get(HOST)).toMatchObject({
        label: 'web',
        quarantine: QUARANTINE,
      });
    });

    it('ends by a release, and by nothing that a hub registers meanwhile', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      await hub.fleet.quarantine(HOST, QUARANTINE);
      const offline = {
        label: null,
        labels: {},
        firstSeenAtMs: 1,
        lastSeenAtMs: 2,
        status: 'offline',
      } as const;
      await hub.fleet.register(new Map([[HOST, offline]]));
      const quarantineOf = async () => (await hub.fleet.readRegistrations()).get(HOST)?.quarantine;
      expect(await quarantineOf()).toEqual(QUARANTINE);
      expect(await hub.fleet.release(HOST)).toBe(true);
      await until('the release', () => {
        const last = hub.received.registrations.at(-1);
        return last !== undefined && last.registration.quarantine === undefined;
      });
      await hub.fleet.register(new Map([[HOST, { ...offline, quarantine: QUARANTINE }]]));
      expect(await quarantineOf()).toBeUndefined();
      expect(await hub.fleet.release(HOST)).toBe(false);
      expect(await hub.fleet.release(OTHER_HOST)).toBe(false);
    });

    it('is registered again on a bus that lost it, and goes with the target', async () => {
      await using bus = await startBus();
      await using hub = await startFleet(bus);
      const lost = { label: null, labels: {}, firstSeenAtMs: 1, lastSeenAtMs: 2, status: 'offline' } as const;
      await hub.fleet.register(new Map([[HOST, { ...lost, quarantine: QUARANTINE }]]));
      expect((await hub.fleet.readRegistrations()).get(HOST)).toEqual({ ...lost, quarantine: QUARANTINE });
      await hub.fleet.remove(HOST);
      expect(await hub.fleet.release(HOST)).toBe(false);
    });
  });

  describe('disposal of a fleet', () => {
    it('stops every delivery and refuses commands with the reason', async () => {
      await using bus = await startBus();
      await using publisher = await startPublisher(bus);
      await using hub = await startFleet(bus);
      await using witness = await startFleet(bus);
      await hub.fleet[Symbol.asyncDispose]();
      await publisher.publish(makeSample());
      await until('the sample at the other hub', () => witness.received.samples.length === 1);
      expect(hub.received).toMatchObject({ samples: [], byes: [], connections: [{ state: 'connected' }] });
      expect(hub.fleet.connection()).toMatchObject({ state: 'disconnected', reason: 'stopped' });
      const refusal = { name: 'BusError', code: 'disconnected' };
      await expect(hub.fleet.register(new Map())).rejects.toMatchObject(refusal);
      await expect(hub.fleet.readInventories([HOST])).rejects.toMatchObject(refusal);
      await expect(hub.fleet.readRegistrations()).rejects.toMatchObject(refusal);
      await expect(hub.fleet.add(HOST, null)).rejects.toMatchObject(refusal);
      await expect(hub.fleet.changeLabels(HOST, {}, null)).rejects.toMatchObject(refusal);
      await expect(hub.fleet.remove(HOST)).rejects.toMatchObject(refusal);
    });
  });
}
