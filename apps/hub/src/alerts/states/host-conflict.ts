import type { StateKind } from './state-kind.ts';

export const hostConflict: StateKind = {
  title: 'Several agents claim this host',
  word: 'conflict',
  isKnownOffline: false,
  read: ({ target: { status, conflictingInstances } }) => [
    { device: null, holds: status === 'active' ? conflictingInstances !== null : null },
  ],
};
