import type { ConnectionState, Store } from '@booner/client';
import { deriveStore } from './derive-store.ts';

/**
 * Transport of the data: a WebSocket as it happens, or REST once an interval. `null` while neither
 * works.
 */
export type Transport = 'websocket' | 'polling' | null;

type Delivery = {
  readonly transport: Transport;
  /**
   * Reason why there is no connection, as a sentence. `null` while connected, or during the first
   * attempt. Known data stays available.
   */
  readonly error: string | null;
};

/** Fields that every hook with data returns. */
export type Delivered = Delivery & {
  /** Nothing is known yet, and nothing has failed. */
  readonly loading: boolean;
};

/** State of a page that has not requested anything yet. */
export const NOT_YET: Delivered = { transport: null, error: null, loading: true };

export function transportOf({ type }: Pick<ConnectionState, 'type'>): Transport {
  if (type === 'live') return 'websocket';
  return type === 'polling' ? 'polling' : null;
}

/**
 * Combines data with how it arrives. Changes when the shown data changes, not with each message.
 */
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
