import {
  type Firing,
  isRolloutOver,
  MAX_FIRINGS,
  type RolloutHead,
  type RolloutId,
  type StoredSchedule,
} from '@booner/protocol';

/** A firing that is this late, beyond its jitter, was missed. */
const LATE_MS = 60_000;
/** Times that one step handles. After a long outage the others follow in the next steps. */
const MAX_TIMES = 100;

/** What the hub sees of the world at one instant. */
export type ScheduleView = {
  /** Unix milliseconds by the bus' clock. */
  readonly nowMs: number;
  /** Next time after an instant; `null`: there is none. */
  nextAfter(atMs: number): number | null;
  /** By how much a firing is late on purpose. */
  jitterOf(dueAtMs: number): number;
  isQuiet(atMs: number): boolean;
  /** `null`: there is no such rollout; `undefined`: it was not looked up. */
  rolloutOf(id: RolloutId): Pick<RolloutHead, 'status' | 'endedAtMs'> | null | undefined;
  /** Id of the rollout of a firing: the same on each hub. */
  rolloutIdOf(dueAtMs: number): RolloutId;
};

/** `start`: rollouts to create, once the next state is stored. Creating one twice has no effect. */
export type ScheduleStep = { readonly stored: StoredSchedule; readonly start: readonly Firing[] };

/** Returns true if the rollout of a firing may still run. */
export const isUnderWay = ({ outcome, endedAtMs }: Firing): boolean =>
  outcome === 'started' && endedAtMs === null;

/** Decides what a schedule fires, and what became of earlier firings. Pure, and by levels. */
export function advanceSchedule(before: StoredSchedule, view: ScheduleView): ScheduleStep {
  let stored = followRollouts(before, view);
  if (stored.paused === null && stored.schedule.enabled) {
    stored = fireQueued(stored, view);
    stored = fireDue(stored, view);
  }
  const start = stored.firings.filter(
    (firing) => isUnderWay(firing) && firing.rolloutId !== null && view.rolloutOf(firing.rolloutId) === null,
  );
  return { stored, start };
}

/** Takes over what rollouts have become. */
function followRollouts(stored: StoredSchedule, { nowMs, rolloutOf }: ScheduleView): StoredSchedule {
  const limitMs = (stored.schedule.tooLongSeconds ?? Number.POSITIVE_INFINITY) * 1000;
  let isChanged = false;
  const firings = stored.firings.map((firing): Firing => {
    if (!isUnderWay(firing) || firing.rolloutId === null) return firing;
    const rollout = rolloutOf(firing.rolloutId);
    const status = rollout?.status ?? firing.status;
    const endedAtMs = rollout != null && isRolloutOver(rollout.status) ? rollout.endedAtMs : null;
    const tookTooLong = (endedAtMs ?? nowMs) - firing.atMs > limitMs;
    if (status === firing.status && endedAtMs === null && tookTooLong === firing.tookTooLong) return firing;
    isChanged = true;
    return { ...firing, status, endedAtMs, tookTooLong };
  });
  return isChanged ? { ...stored, firings } : stored;
}

function fireQueued(stored: StoredSchedule, view: ScheduleView): StoredSchedule {
  const { queuedAtMs, firings } = stored;
  if (queuedAtMs === null || firings.some(isUnderWay)) return stored;
  return fire({ ...stored, queuedAtMs: null }, queuedAtMs, view);
}

function fireDue(before: StoredSchedule, view: ScheduleView): StoredSchedule {
  const { nowMs, nextAfter, jitterOf } = view;
  let stored = before;
  for (let times = 0; times < MAX_TIMES; times += 1) {
    const dueAtMs = stored.nextAtMs;
    if (dueAtMs === null || dueAtMs + jitterOf(dueAtMs) > nowMs) return stored;
    const nextAtMs = nextAfter(dueAtMs);
    stored = { ...stored, nextAtMs };
    const isLast = nextAtMs === null || nextAtMs + jitterOf(nextAtMs) > nowMs;
    const isLate = nowMs - dueAtMs - jitterOf(dueAtMs) > LATE_MS;
    if (!isLast || (isLate && stored.schedule.catchUp === 'none')) {
      stored = record(stored, dueAtMs, view, 'missed', 'no hub was there in time');
    } else {
      stored = handle(stored, dueAtMs, view);
    }
  }
  return stored;
}

function handle(stored: StoredSchedule, dueAtMs: number, view: ScheduleView): StoredSchedule {
  if (view.isQuiet(dueAtMs)) return record(stored, dueAtMs, view, 'quiet', 'within quiet hours');
  if (!stored.firings.some(isUnderWay)) return fire(stored, dueAtMs, view);
  if (stored.schedule.overlap === 'queue' && stored.queuedAtMs === null) {
    return { ...stored, queuedAtMs: dueAtMs };
  }
  return record(stored, dueAtMs, view, 'skipped', 'the one before has not ended');
}

function fire(stored: StoredSchedule, dueAtMs: number, view: ScheduleView): StoredSchedule {
  const rolloutId = view.rolloutIdOf(dueAtMs);
  return add(stored, { ...newFiring(dueAtMs, view), outcome: 'started', rolloutId, status: 'pending' });
}

const record = (
  stored: StoredSchedule,
  dueAtMs: number,
  view: ScheduleView,
  outcome: Firing['outcome'],
  detail: string,
): StoredSchedule => add(stored, { ...newFiring(dueAtMs, view), outcome, detail, endedAtMs: view.nowMs });

const newFiring = (dueAtMs: number, { nowMs }: ScheduleView) => ({
  ...{ dueAtMs, atMs: nowMs, detail: null, rolloutId: null, status: null, endedAtMs: null },
  tookTooLong: false,
});

/** Forgets the oldest firing over the bound, but never the one under way, which others wait for. */
function add(stored: StoredSchedule, firing: Firing): StoredSchedule {
  const firings = [firing, ...stored.firings];
  if (firings.length > MAX_FIRINGS) {
    firings.splice(
      firings.findLastIndex((one) => !isUnderWay(one)),
      1,
    );
  }
  return { ...stored, firings };
}

/**
 * Takes that no rollout could be created for a firing.
 * @param paused why the schedule does not fire any more; `null`: it does
 */
export function refuseFiring(
  stored: StoredSchedule,
  { dueAtMs }: Pick<Firing, 'dueAtMs'>,
  {
    detail,
    paused,
    nowMs,
  }: { readonly detail: string; readonly paused: string | null; readonly nowMs: number },
): StoredSchedule {
  const firings = stored.firings.map(
    (firing): Firing =>
      firing.dueAtMs === dueAtMs && isUnderWay(firing)
        ? { ...firing, outcome: 'refused', detail, rolloutId: null, status: null, endedAtMs: nowMs }
        : firing,
  );
  return { ...stored, firings, ...(paused === null ? {} : { paused, nextAtMs: null }) };
}
