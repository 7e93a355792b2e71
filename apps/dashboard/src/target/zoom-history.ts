import type { TimeSpan } from '../charts/zoom-context.ts';

type Rows = {
  readonly times: readonly number[];
  readonly fromMs: number;
  readonly toMs: number;
  readonly coreUsageRatios: readonly (readonly (number | null)[])[];
};

/**
 * Returns the rows of a span, and one row on each side, so that lines reach the edges. Columns have
 * a value for each of the `times`.
 */
export function zoomHistory<History extends Rows>(history: History, { fromMs, toMs }: TimeSpan): History {
  const { times } = history;
  const first = times.findIndex((atMs) => atMs >= fromMs);
  const last = times.findLastIndex((atMs) => atMs <= toMs);
  const isEmpty = first < 0 || last < 0;
  const start = isEmpty ? 0 : Math.max(0, first - 1);
  const end = isEmpty ? 0 : last + 2;
  const cut = <T>(column: readonly T[]): readonly T[] => column.slice(start, end);
  const columns = Object.entries(history).map(([name, value]) => {
    if (name === 'coreUsageRatios') return [name, (value as Rows['coreUsageRatios']).map(cut)];
    return [name, Array.isArray(value) ? cut(value) : value];
  });
  return { ...(Object.fromEntries(columns) as History), fromMs, toMs };
}
