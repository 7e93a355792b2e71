import { fleetDeviceText } from '@booner/protocol';
import type { FleetStateKind } from './state-kind.ts';

/** By request, or by itself: nobody approved it in time, or its creator lost the right to it. */
export const rolloutPaused: FleetStateKind = {
  title: 'Rollout is paused',
  word: 'paused',
  isKnownOffline: true,
  endsWithDevice: true,
  read: ({ rollouts }) =>
    rollouts
      .filter(({ status }) => status === 'paused')
      .map(({ id, request: { action } }) => ({
        device: fleetDeviceText({ type: 'rollout', action, id }),
        holds: true,
      })),
};
