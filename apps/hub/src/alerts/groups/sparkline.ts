import {
  type AlertMetric,
  type HostId,
  readAlertMetric,
  type SeriesHistory,
  seriesHistorySchema,
  storedMetricsOf,
} from '@booner/protocol';
import type { HistoryReader } from '../../history/history-reader.ts';

const BLOCKS = '▁▂▃▄▅▆▇█';
const SPAN_MS = 3_600_000;
const POINTS = 24;
/** A message does not wait for its chart for longer. */
const WITHIN_MS = 2000;

/**
 * Returns the last hour of a metric as 24 block characters, `·` where nothing was measured; `null`
 * if there is no history, or not in time. Never rejects.
 */
export async function sparkline(
  history: Pick<HistoryReader, 'query'> | null,
  {
    host,
    device,
    metric,
  }: { readonly host: HostId; readonly device: string | null; readonly metric: AlertMetric },
  toMs: number,
): Promise<string | null> {
  if (history === null) return null;
  const request = {
    host,
    shownAs: host,
    fromMs: toMs - SPAN_MS,
    toMs,
    points: POINTS,
    metrics: storedMetricsOf(metric),
  };
  const answer = await Promise.race([
    history.query(request).catch(() => null),
    new Promise<null>((resolve) => setTimeout(resolve, WITHIN_MS, null).unref()),
  ]);
  if (answer === null) return null;
  const { data } = seriesHistorySchema.safeParse(JSON.parse(new TextDecoder().decode(answer)));
  return data === undefined ? null : blocks(valuesOf(data, metric, device), request.fromMs);
}

type Valued = readonly (readonly [atMs: number, value: number | null])[];

function valuesOf({ timesMs, series }: SeriesHistory, metric: AlertMetric, device: string | null): Valued {
  const columns = new Map(
    series.filter((each) => each.device === device).map((each) => [each.metric, each.avg]),
  );
  return timesMs.map((atMs, row) => [
    atMs,
    readAlertMetric(metric, (part) => columns.get(part)?.[row] ?? null),
  ]);
}

function blocks(values: Valued, fromMs: number): string | null {
  const cells: (number | null)[] = Array.from({ length: POINTS }, () => null);
  for (const [atMs, value] of values) {
    const cell = Math.floor(((atMs - fromMs) / SPAN_MS) * POINTS);
    if (value !== null && cell >= 0 && cell < POINTS) cells[cell] = value;
  }
  const known = cells.filter((value) => value !== null);
  if (known.length === 0) return null;
  const [low, high] = [Math.min(...known), Math.max(...known)];
  const level = (value: number) =>
    high === low ? 0 : Math.round(((value - low) / (high - low)) * (BLOCKS.length - 1));
  return cells.map((value) => (value === null ? '·' : BLOCKS[level(value)])).join('');
}
