import type { StateKind } from './state-kind.ts';

/** A host that was never online is pending, which is neither. */
export const offline: StateKind = {
  title: 'Host is offline',
  word: 'offline',
  isKnownOffline: true,
  read: ({ target: { status } }) => [
    { device: null, holds: status === 'pending' ? null : status === 'offline' },
  ],
};
