import type { Store } from '../store/store.ts';
import type { Demand } from '../time/demand.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Stream } from './stream-link.ts';

/** Creates the link of a stream, which demand starts. */
export type Connect = (stream: Stream) => {
  readonly connection: Store<ConnectionState>;
  readonly demand: Demand;
};
