import { MAX_LABELS } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeInventory, makeSample, OTHER_HOST } from './sample-factory.ts';

export function describeTargets(startBus: StartBus): void {
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
}
