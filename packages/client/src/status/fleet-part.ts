import type { Connect } from '../connection/connect.ts';
import type { Rest } from '../http/rest.ts';
import { createStore, type Store } from '../store/store.ts';
import type { Fleet } from './fleet.ts';
import { createFleetStream } from './fleet-stream.ts';

export type FleetPart = {
  /** The main server and every target in brief. `null` before the first data. */
  readonly fleet: Store<Fleet | null>;
};

export type FleetPartDeps = { readonly rest: Rest; readonly connect: Connect; readonly url: () => string };

export function createFleetPart({ rest, connect, url }: FleetPartDeps) {
  const store = createStore<Fleet | null>(null, () => demand.hold());
  const stream = createFleetStream({ rest, url, store });
  const { connection, demand } = connect(stream);
  const part: FleetPart = { fleet: store };
  return { part, connection, intervalMs: stream.intervalMs, close: () => demand.end() };
}
