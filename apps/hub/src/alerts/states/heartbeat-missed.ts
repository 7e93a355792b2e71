import type { StateKind } from './state-kind.ts';

/** One alert for each heartbeat of the host. While the host is offline, its own alert speaks. */
export const heartbeatMissed: StateKind = {
  title: 'Heartbeat is missed',
  word: 'missed',
  isKnownOffline: false,
  endsWithDevice: true,
  read: ({ heartbeats }) => heartbeats.map(({ name, isMissed }) => ({ device: name, holds: isMissed })),
};
