import type { StateKind } from './state-kind.ts';

/** The hub reports a skew from 5 s on. */
export const clockSkew: StateKind = {
  title: 'Clock is wrong',
  word: 'wrong',
  isKnownOffline: false,
  read: ({ target: { status, clockSkewMs } }) => [
    { device: null, holds: status === 'active' ? clockSkewMs !== null : null },
  ],
};
