/** One metric over the last minutes. `null`: unknown. */
export type RecentPoints = {
  /** Strictly ascending, in Unix milliseconds by the hub's clock. */
  readonly times: readonly number[];
  readonly values: readonly (number | null)[];
};

export const NO_POINTS: RecentPoints = { times: [], values: [] };

/**
 * The points of one host. Receives a point for each of a thousand hosts every few seconds, so
 * nothing is copied until it is read.
 */
export type RecentSeries = {
  /** Adds a point, unless it is not newer than the last one. */
  add(atMs: number, value: number | null): void;
  /** Replaces the points up to the end of `read`, which the hub recorded. */
  fill(read: RecentPoints): void;
  /** Returns the same object until a point is added. */
  points(): RecentPoints;
};

/** @param spanMs points older than this before the last one may be dropped */
export function createRecentSeries(spanMs: number): RecentSeries {
  let times: number[] = [];
  let values: (number | null)[] = [];
  let seen: RecentPoints | null = NO_POINTS;
  return {
    add(atMs, value) {
      if (atMs <= (times.at(-1) ?? Number.NEGATIVE_INFINITY)) return;
      times.push(atMs);
      values.push(value);
      seen = null;
      // Dropped in batches of half a span, not one by one.
      if ((times[0] ?? atMs) >= atMs - 1.5 * spanMs) return;
      const old = firstFrom(times, atMs - spanMs);
      times.splice(0, old);
      values.splice(0, old);
    },
    fill(read) {
      if (read.times.length === 0) return;
      ({ times, values } = mergePoints({ times, values }, read));
      seen = null;
    },
    points() {
      seen ??= { times: [...times], values: [...values] };
      return seen;
    },
  };
}

function mergePoints(seen: RecentPoints, read: RecentPoints): { times: number[]; values: (number | null)[] } {
  // The row that closes a silence is not a measurement and stands one interval after the last one.
  // A point received at that time is newer.
  const isClosed = read.values.at(-1) === null;
  const untilMs = read.times.at(isClosed ? -2 : -1) ?? 0;
  const later = firstFrom(seen.times, untilMs + 1);
  const kept = isClosed && later < seen.times.length ? read.times.length - 1 : read.times.length;
  return {
    times: [...read.times.slice(0, kept), ...seen.times.slice(later)],
    values: [...read.values.slice(0, kept), ...seen.values.slice(later)],
  };
}

function firstFrom(times: readonly number[], fromMs: number): number {
  const index = times.findIndex((atMs) => atMs >= fromMs);
  return index === -1 ? times.length : index;
}
