import { describe } from 'vitest';
import { describeBackfills } from './backfill-contract.ts';
import type { StartBus } from './bus-under-test.ts';
import { describeCatchUps } from './catch-up-contract.ts';
import { describeConnection } from './connection-contract.ts';
import { describeDisposal } from './disposal-contract.ts';
import { describePublishing } from './publishing-contract.ts';
import { describeQuarantines } from './quarantine-contract.ts';
import { recordEvents } from './recording-listener.ts';
import { describeRegistrations } from './registration-contract.ts';
import { describeRejections } from './rejection-contract.ts';
import { HOST } from './sample-factory.ts';
import { describeTargets } from './target-contract.ts';

/** Describes the behaviour of every implementation of the ports. */
export function describeBusContract(startBus: StartBus): void {
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
  describeBackfills(startBus);
  describePublishing(startBus);
  describeCatchUps(startBus);
  describeRegistrations(startBus);
  describeRejections(startBus);
  describeTargets(startBus);
  describeQuarantines(startBus);
  describeDisposal(startBus);
}
