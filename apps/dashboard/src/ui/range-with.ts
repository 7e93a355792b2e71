import { defaultRangeExtractor, type Range } from '@tanstack/react-virtual';

/**
 * Returns the rows in sight, and one that stays rendered however far it is scrolled away, so that
 * it keeps the focus and Tab finds it.
 */
export function rangeWith(keptIndex: number | null): (range: Range) => number[] {
  return (range) => {
    const indexes = defaultRangeExtractor(range);
    if (keptIndex === null || keptIndex >= range.count || indexes.includes(keptIndex)) return indexes;
    return [...indexes, keptIndex].sort((a, b) => a - b);
  };
}
