import type { Store } from '../store/store.ts';
import type { Demand } from '../time/demand.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Stream } from './stream-link.ts';

/** Makes the link of a stream, to be started by demand. */
export type Connect = (stream: Stream) => {
  readonly connection: Store<ConnectionState>;
  readonly demand: Demand;
};
