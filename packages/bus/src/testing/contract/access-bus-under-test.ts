import { eventually } from '@booner/testkit';
import type { AccessBus } from '../../access-ports.ts';
import { untilConnected } from './connection-contract.ts';

/** A bus of one implementation, empty at first. */
export type AccessBusUnderTest = AsyncDisposable & {
  /** Another hub on the same bus. */
  startAccess(): Promise<AccessBus>;
};

/** Time within which other hubs see a change. */
const SEEN_WITHIN_MS = 2000;

export const untilSeen = (what: string, condition: () => unknown) =>
  eventually(condition, { what, deadlineMs: SEEN_WITHIN_MS });

/** Some hubs that have read the credentials. */
export async function startHubs(startBus: () => Promise<AccessBusUnderTest>, count: number) {
  await using resources = new AsyncDisposableStack();
  const bus = resources.use(await startBus());
  const hubs: AccessBus[] = [];
  for (let index = 0; index < count; index += 1) hubs.push(resources.use(await bus.startAccess()));
  await untilConnected(...hubs);
  const owned = resources.move();
  return { hubs, hub: hubs[0] as AccessBus, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

export type StartHubs = (count?: number) => ReturnType<typeof startHubs>;
