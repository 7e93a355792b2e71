import { describe, expect, it } from 'vitest';
import { DEADLINE_MS, type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeInventory, makeSample, makeSamples, OTHER_HOST } from './sample-factory.ts';

export function describeCatchUps(startBus: StartBus): void {
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
      const beforeMs = performance.now();
      hub.fleet.requestEcho();
      await until('the echo that was asked for', () => {
        const ageMs = hub.fleet.lastEchoAgeMs();
        return ageMs !== null && performance.now() - ageMs >= beforeMs;
      });
      await hub.fleet[Symbol.asyncDispose]();
      expect(hub.fleet.lastEchoAgeMs()).toBeNull();
    });
  });
}
