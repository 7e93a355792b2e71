import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeSample, makeSamples } from './sample-factory.ts';

export function describePublishing(startBus: StartBus): void {
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
}
