import type { HostId } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import type { FleetBus, FleetListener, SamplePublisher } from '../../ports.ts';
import { untilConnected } from './connection-contract.ts';
import { recordEvents } from './recording-listener.ts';
import { HOST } from './sample-factory.ts';

/** A bus of one implementation, empty at first. */
export type BusUnderTest = AsyncDisposable & {
  startPublisher(host: HostId): Promise<SamplePublisher>;
  startFleet(listener: FleetListener): Promise<FleetBus>;
};

export type StartBus = () => Promise<BusUnderTest>;

export const DEADLINE_MS = 60_000;
export const until = (what: string, condition: () => unknown) =>
  eventually(condition, { what, deadlineMs: DEADLINE_MS });

export async function startPublisher(bus: BusUnderTest, host = HOST) {
  const publisher = await bus.startPublisher(host);
  await untilConnected(publisher);
  return publisher;
}

/** A fleet that has caught up. */
export async function startFleet(bus: BusUnderTest) {
  const received = recordEvents();
  const fleet = await bus.startFleet(received.listener);
  await until('the first catch-up', () => received.catchUps.length === 1);
  return { fleet, received, [Symbol.asyncDispose]: () => fleet[Symbol.asyncDispose]() };
}
