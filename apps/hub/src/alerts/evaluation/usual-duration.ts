import type { HostId, Task } from '@booner/protocol';

/** With fewer durations, it is not known what is usual. */
const MIN_DURATIONS = 10;

type Ended = Pick<Task, 'host' | 'startedAtMs' | 'endedAtMs'>;

/**
 * Returns how long 95 % of the completed tasks of an action took at most, in milliseconds: of those
 * on one host, or of all if there are few on it. `null`: there are too few.
 */
export function usualMs(completed: readonly Ended[], host: HostId): number | null {
  const own = durationsOf(completed.filter((task) => task.host === host));
  const durations = own.length >= MIN_DURATIONS ? own : durationsOf(completed);
  if (durations.length < MIN_DURATIONS) return null;
  // By the nearest rank.
  return durations.toSorted((a, b) => a - b)[Math.ceil(0.95 * durations.length) - 1]!;
}

const durationsOf = (tasks: readonly Ended[]): readonly number[] =>
  tasks.flatMap(({ startedAtMs, endedAtMs }) =>
    startedAtMs === null || endedAtMs === null ? [] : [endedAtMs - startedAtMs],
  );
