import type { Demand } from '../demand.ts';
import type { Store } from '../store.ts';
import type { ConnectionState } from './connection-state.ts';
import type { Stream } from './stream-link.ts';

/** Makes the link of a stream, to be started by demand. */
export type Connect = (stream: Stream) => {
  readonly connection: Store<ConnectionState>;
  readonly demand: Demand;
};
