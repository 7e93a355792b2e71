import { type Cursor, compareCursors, START_CURSOR } from '@booner/protocol';

export type StreamEntry<T> = { readonly cursor: Cursor; readonly value: T };

export type EntryStream<T> = ReturnType<typeof createEntryStream<T>>;

/**
 * A stream like those of Redis: entries with growing ids of a time and a count. Drops the oldest
 * entries.
 */
export function createEntryStream<T>(maxEntries: number) {
  const entries: StreamEntry<T>[] = [];
  let last = START_CURSOR;
  let trimmed = false;

  /** Returns the index of the first entry after a position. */
  const indexAfter = (position: Cursor): number => {
    let low = 0;
    let high = entries.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (compareCursors(entries[middle]!.cursor, position) <= 0) low = middle + 1;
      else high = middle;
    }
    return low;
  };

  return {
    /** @returns the value that was dropped, if any */
    append: (value: T): T | undefined => {
      last = nextCursor(last, Date.now());
      entries.push({ cursor: last, value });
      if (entries.length <= maxEntries) return undefined;
      trimmed = true;
      return entries.shift()?.value;
    },
    /** Position of the newest entry. */
    last: () => last,
    /**
     * Returns true if every entry after a position is still there: it names an entry, or the start
     * of an untrimmed stream.
     */
    reachesBackTo: (position: Cursor): boolean =>
      position === START_CURSOR ? !trimmed : entries[indexAfter(position) - 1]?.cursor === position,
    /** Oldest first. */
    after: (position: Cursor, max = Number.POSITIVE_INFINITY): readonly StreamEntry<T>[] => {
      const start = indexAfter(position);
      return entries.slice(start, start + max);
    },
    /** Newest first, starting before a position; without one, at the newest entry. */
    before: (position: Cursor | undefined, max: number): readonly StreamEntry<T>[] => {
      const end =
        position === undefined
          ? entries.length
          : entries.findLastIndex(({ cursor }) => compareCursors(cursor, position) < 0) + 1;
      return entries.slice(Math.max(0, end - max), end).toReversed();
    },
  };
}

/** Returns the id of the next entry. Ids grow even if the clock was set back. */
export function nextCursor(last: Cursor, nowMs: number): Cursor {
  const [lastMs = '0', count = '0'] = last.split('-');
  return (nowMs > Number(lastMs) ? `${nowMs}-0` : `${lastMs}-${Number(count) + 1}`) as Cursor;
}
