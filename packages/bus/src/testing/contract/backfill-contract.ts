import type { BackfillLayout } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import { type StartBus, startFleet, startPublisher } from './bus-under-test.ts';
import { HOST, OTHER_HOST } from './sample-factory.ts';

export function describeBackfills(startBus: StartBus): void {
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
}
