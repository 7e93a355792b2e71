import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeSample } from './sample-factory.ts';

export function describeDisposal(startBus: StartBus): void {
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
