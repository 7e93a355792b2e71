import type { BoonerClient, ConnectionReason, ConnectionState } from '@booner/client';
import { type Transport, transportOf } from './delivery.ts';
import { deriveStore, perClient } from './derive-store.ts';
import { useStore } from './use-store.ts';
import { useWithAge, type WithAge } from './use-with-age.ts';

type View = {
  readonly type: ConnectionState['type'];
  readonly transport: Transport;
  readonly reason: ConnectionReason;
  /** Start of this state, by the client's `nowMs()`. */
  readonly sinceMs: number;
};

export type Connection = WithAge<View>;

const INITIAL: View = {
  type: 'connecting',
  transport: null,
  reason: { code: 'starting', detail: 'connecting to the hub' },
  sinceMs: 0,
};

const connectionOf = ({ connection }: BoonerClient) => connection;

const viewOf = perClient<View>((client) =>
  deriveStore<[ConnectionState], View>([client.connection], ([state]) => {
    const { type, reason, sinceMs } = state;
    return { type, transport: transportOf(state), reason, sinceMs };
  }),
);

/**
 * State of the data delivery to this page: the worst of the streams that its components watch.
 * Watches none by itself.
 */
export function useConnection(): Connection {
  return useWithAge(useStore(viewOf, INITIAL), connectionOf);
}
