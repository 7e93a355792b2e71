import type { ColumnId } from './fleet-search.ts';

/** Columns to drop first when space is short, least important first. */
const LEAST_FIRST: readonly ColumnId[] = [
  'uptime',
  'load',
  'temperature',
  'gpu',
  'network',
  'label',
  'recent',
  'day',
  'seen',
  'disk',
  'memory',
  'cpu',
];

/** Returns the columns that fit into a width, so that the table never scrolls sideways. */
export function fitColumns(
  wanted: readonly ColumnId[],
  widthOf: (id: ColumnId) => number,
  availablePx: number,
): readonly ColumnId[] {
  const shown = new Set(wanted);
  let neededPx = wanted.reduce((sum, id) => sum + widthOf(id), 0);
  for (const id of LEAST_FIRST) {
    if (neededPx <= availablePx) break;
    if (shown.delete(id)) neededPx -= widthOf(id);
  }
  return wanted.filter((id) => shown.has(id));
}
