import { fleetDeviceText } from '@booner/protocol';
import { type FleetStateKind, NEWS_FOR_MS } from './state-kind.ts';

/** The rollout of a schedule takes, or took, longer than `tooLongSeconds`. */
export const scheduleSlow: FleetStateKind = {
  title: 'Schedule took too long',
  word: 'too long',
  isKnownOffline: true,
  endsWithDevice: true,
  read: ({ schedules, nowMs }) =>
    schedules.flatMap(({ name, firings }) => {
      // One that is under way, and not slow yet, leaves the alert as it is.
      const last = firings.find(
        ({ outcome, endedAtMs, tookTooLong }) => outcome === 'started' && (tookTooLong || endedAtMs !== null),
      );
      if (last === undefined) return [];
      return [
        {
          device: fleetDeviceText({ type: 'schedule', name }),
          holds: last.tookTooLong,
          ...(nowMs - (last.endedAtMs ?? nowMs) > NEWS_FOR_MS && { isOld: true }),
        },
      ];
    }),
};
