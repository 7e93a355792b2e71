import { fleetDeviceText } from '@booner/protocol';
import type { FleetStateKind } from './state-kind.ts';

/** One alert for each approval: a rollout that asks before each batch does not flap. */
export const rolloutApproval: FleetStateKind = {
  title: 'Rollout waits for approval',
  word: 'waiting',
  isKnownOffline: true,
  endsWithDevice: true,
  read: ({ rollouts }) =>
    rollouts
      .filter(({ status }) => status === 'waiting_for_approval')
      .map(({ id, request: { action }, batch }) => ({
        device: fleetDeviceText({ type: 'rollout', action, id, batch: batch + 1 }),
        holds: true,
      })),
};
