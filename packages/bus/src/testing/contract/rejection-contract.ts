import type { HostId } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { MAX_VALUE_BYTES } from '../../stored-values.ts';
import { type StartBus, startFleet, startPublisher, until } from './bus-under-test.ts';
import { HOST, makeSample, OTHER_HOST } from './sample-factory.ts';

export function describeRejections(startBus: StartBus): void {
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
}
