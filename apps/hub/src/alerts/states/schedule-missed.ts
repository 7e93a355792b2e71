import { type Firing, fleetDeviceText } from '@booner/protocol';
import { type FleetStateKind, NEWS_FOR_MS } from './state-kind.ts';

/**
 * A schedule that fires each minute starts again right after an outage. Its missed firings are
 * known for this long nevertheless, so that somebody learns of them.
 */
const SHOWN_FOR_MS = 600_000;

/** Firings that were left out on purpose say nothing. */
const says = ({ outcome }: Firing): boolean => outcome !== 'skipped' && outcome !== 'quiet';
const wasMissed = ({ outcome }: Firing): boolean => outcome === 'missed' || outcome === 'refused';

/** A firing was missed, or refused, as when the token that owns the schedule was revoked. */
export const scheduleMissed: FleetStateKind = {
  title: 'Schedule did not start',
  word: 'missed',
  isKnownOffline: true,
  endsWithDevice: true,
  read: ({ schedules, nowMs }) =>
    schedules.flatMap(({ name, schedule, firings }) => {
      const last = firings.find(says);
      if (last === undefined || !schedule.enabled) return [];
      const isRecent = firings.some((firing) => wasMissed(firing) && nowMs - firing.atMs < SHOWN_FOR_MS);
      return [
        {
          device: fleetDeviceText({ type: 'schedule', name }),
          holds: isRecent || wasMissed(last),
          ...(nowMs - last.atMs > NEWS_FOR_MS && { isOld: true }),
        },
      ];
    }),
};
