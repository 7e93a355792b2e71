import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeSample, OTHER_HOST } from './sample-factory.ts';

export function describeQuarantines(startBus: StartBus): void {
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
}
