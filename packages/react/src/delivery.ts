import type { ConnectionState, Store } from '@booner/client';
import { deriveStore } from './derive-store.ts';

/** How data comes: by WebSocket as it happens, or by REST once an interval; `null` while neither works. */
export type Transport = 'websocket' | 'polling' | null;

type Delivery = {
  readonly transport: Transport;
  /** Why there is no connection, as a sentence; `null` while there is one or the first is being made. What was known stays known. */
  readonly error: string | null;
};

/** What every hook with data says of it. */
export type Delivered = Delivery & {
  /** Nothing is known yet, and nothing has failed. */
  readonly loading: boolean;
};

/** Of a page that has not asked for anything yet. */
export const NOT_YET: Delivered = { transport: null, error: null, loading: true };

export function transportOf({ type }: Pick<ConnectionState, 'type'>): Transport {
  if (type === 'live') return 'websocket';
  return type === 'polling' ? 'polling' : null;
}

/** Data, and how it comes, as one view. It changes when what is shown changes, not with each message. */
export function deliver<T, View extends object>(
  data: Store<T | null>,
  connection: Store<ConnectionState>,
  viewOf: (data: T | null, delivered: Delivered) => View,
): Store<View> {
  const delivery = deriveStore<[ConnectionState], Delivery>([connection], ([state]) => {
    return { transport: transportOf(state), error: state.type === 'offline' ? state.reason.detail : null };
  });
  return deriveStore<[T | null, Delivery], View>([data, delivery], ([known, { transport, error }]) =>
    viewOf(known, { transport, error, loading: known === null && error === null }),
  );
}
