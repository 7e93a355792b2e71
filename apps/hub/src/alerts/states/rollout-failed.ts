import { fleetDeviceText, type RolloutHead, type StoredSchedule } from '@booner/protocol';
import { type FleetFacts, type FleetStateKind, NEWS_FOR_MS, type StateReading } from './state-kind.ts';

/**
 * One alert for each rollout that people started, until it is retried, or another one has repeated
 * or rolled it back. One for each schedule, until a rollout of it completes.
 */
export const rolloutFailed: FleetStateKind = {
  title: 'Rollout failed',
  word: 'failed',
  isKnownOffline: true,
  endsWithDevice: true,
  read: (facts) => [
    ...facts.rollouts
      .filter(({ status, schedule }) => status === 'failed' && schedule === null)
      .map((rollout) => readRollout(rollout, facts)),
    ...facts.schedules.flatMap((schedule) => readSchedule(schedule, facts)),
  ],
};

function readRollout(rollout: RolloutHead, { rollouts, nowMs }: FleetFacts): StateReading {
  const { id, request, endedAtMs } = rollout;
  return {
    device: fleetDeviceText({ type: 'rollout', action: request.action, id }),
    holds: !rollouts.some((other) => makesGood(other, rollout)),
    ...(isOld(endedAtMs, nowMs) && { isOld: true }),
  };
}

/** Returns true if a later rollout has done what another one failed to do, or undone it. */
function makesGood(later: RolloutHead, { id, createdAtMs, request }: RolloutHead): boolean {
  if (later.status !== 'completed' || later.createdAtMs <= createdAtMs) return false;
  const { action, selector } = later.request;
  return later.rollbackOf === id || (action === request.action && selector === request.selector);
}

/** Firings of which it is not known yet leave the alert as it is. */
function readSchedule({ name, firings }: StoredSchedule, { nowMs }: FleetFacts): readonly StateReading[] {
  const last = firings.find(({ status }) => status === 'completed' || status === 'failed');
  if (last === undefined) return [];
  return [
    {
      device: fleetDeviceText({ type: 'schedule', name }),
      holds: last.status === 'failed',
      ...(isOld(last.endedAtMs, nowMs) && { isOld: true }),
    },
  ];
}

const isOld = (endedAtMs: number | null, nowMs: number): boolean =>
  endedAtMs !== null && nowMs - endedAtMs > NEWS_FOR_MS;
