import type { StateKind } from './state-kind.ts';

/** A quarantined host is offline, too: hubs ignore it. */
export const quarantined: StateKind = {
  title: 'Host is quarantined',
  word: 'quarantined',
  isKnownOffline: true,
  read: ({ target: { quarantine } }) => [
    { device: null, holds: quarantine === undefined ? null : quarantine !== null },
  ],
};
