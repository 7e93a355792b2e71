import type { History, HistoryRequest, Retention } from '@booner/history';
import type { SeriesHistory } from '@booner/protocol';
import { csvCell } from '@booner/protocol/csv-cell';
import { HISTORY_TIER_NAMES, HISTORY_TIERS, type HistoryTier } from '@booner/protocol/history-metrics';

type ExportFormat = 'csv' | 'json';

export type ExportRequest = Omit<HistoryRequest, 'points' | 'tier'> & {
  readonly tier: HistoryTier;
  readonly format: ExportFormat;
};

/** Points by which windows grow: about a block of the store. */
const WINDOW_POINTS = 60;
const MAX_WINDOW_POINTS = 40 * WINDOW_POINTS;
/** Size of a window that is aimed at: small, since several exports may run. */
const WINDOW_BYTES = 256 * 1024;
const EMPTY = '"timesMs":[]';
const COLUMNS = 'time,metric,device,avg,min,max\r\n';

/** Returns the finest tier that reaches back to a time. */
export const finestTier = (retention: Retention, ageMs: number): HistoryTier =>
  HISTORY_TIER_NAMES.find((name) => retention[name] >= ageMs) ?? '1h';

/**
 * Yields a range of a host in windows, oldest first, each read once the one before was taken. CSV
 * has a line for each value (RFC 4180), JSON an array with a `SeriesHistory` for each window. Times
 * without data are left out.
 * @throws HistoryError
 */
export async function* exportHistory(
  store: Pick<History, 'query'>,
  { format, ...request }: ExportRequest,
): AsyncGenerator<Uint8Array, void> {
  const encoder = new TextEncoder();
  yield encoder.encode(format === 'csv' ? COLUMNS : '[');
  let isFirst = true;
  for await (const bytes of windows(store, request)) {
    if (bytes.includes(EMPTY)) continue;
    if (format === 'csv') yield encoder.encode(csvOf(JSON.parse(bytes.toString()) as SeriesHistory));
    else yield isFirst ? bytes : Buffer.concat([encoder.encode(',\n'), bytes]);
    isFirst = false;
  }
  if (format === 'json') yield encoder.encode(']\n');
}

/** Reads windows whose length adapts to their size. Their bounds are multiples of whole points. */
async function* windows(
  store: Pick<History, 'query'>,
  request: Omit<ExportRequest, 'format'>,
): AsyncGenerator<Buffer, void> {
  const { fromMs, toMs, tier } = request;
  const unitMs = WINDOW_POINTS * HISTORY_TIERS[tier].stepMs;
  let units = 1;
  for (let startMs = fromMs; startMs < toMs; ) {
    const endMs = Math.min(toMs, (Math.floor(startMs / unitMs) + units) * unitMs);
    const answer = await store.query({ ...request, fromMs: startMs, toMs: endMs, points: 1 });
    const bytes = Buffer.from(answer.buffer, answer.byteOffset, answer.byteLength);
    yield bytes;
    startMs = endMs;
    const fitting = Math.floor((units * WINDOW_BYTES) / bytes.byteLength);
    // Data may begin right after a window without any.
    units = Math.min(Math.max(1, fitting), 2 * units, MAX_WINDOW_POINTS / WINDOW_POINTS);
  }
}

function csvOf({ timesMs, series }: SeriesHistory): string {
  const times = timesMs.map((atMs) => new Date(atMs).toISOString());
  let text = '';
  for (const { metric, device, avg, min, max } of series) {
    const name = `${metric},${csvCell(device ?? '')}`;
    for (const [row, value] of avg.entries()) {
      if (value !== null) text += `${times[row]},${name},${value},${min[row]},${max[row]}\r\n`;
    }
  }
  return text;
}
