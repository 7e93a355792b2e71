import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { HISTORY_METRICS, type MetricUnit, type Series } from '@booner/protocol/history-metrics';
import type { Column, Points } from './points.ts';
import { VarintReader, VarintWriter } from './varint.ts';

/**
 * Stored precision of each unit: values are multiples of these. A unit's precision must never
 * change, since stored blocks do not repeat it.
 */
const PRECISION: { readonly [Unit in MetricUnit]: number } = {
  ratio: 1 / 1000,
  bytes: 4096, // one page
  bytesPerSecond: 16, // finer steps are noise that takes up to 6 % more space
  perSecond: 0.1,
  celsius: 0.1,
  watts: 0.1,
  load: 0.01,
  count: 1,
};

const COMPRESSION = {
  params: {
    [constants.ZSTD_c_compressionLevel]: 3, // higher levels save 2 % for twice the time
    [constants.ZSTD_c_checksumFlag]: 1,
  },
};

/** Bounds on what a block can claim: some come from agents. A minute at 100 ms has 600 rows. */
const MAX_ROWS = 2000;
const MAX_BYTES = 16 * 2 ** 20;

/** What a column holds, in its first number. */
const EMPTY = 0;
const PRESENT = 1;
const HAS_GAPS = 2;
const IS_CONSTANT = 4;
const HAS_SPREAD = 8;
const HAS_COUNTS = 16;

/** Bound on stored integers: the zigzag of a difference of two is exact. */
const MAX_WHOLE = 2 ** 51;

const writer = new VarintWriter();

/**
 * Encodes points as one compressed block: a header with the times, then column after column, each
 * as quantized integers, the difference to the previous one, zigzag, as varints; compressed with
 * Zstandard. Constant and empty columns take a byte or two before compression.
 * @param startMs start of the block, which is stored beside it
 */
export function encodeBlock(points: Points, startMs: number): Uint8Array {
  const { times, counts, series, columns, intervalMs } = points;
  writer.clear();
  writer.writeUnsigned(intervalMs);
  writer.writeUnsigned(times.length);
  writer.writeUnsigned(counts === null ? 0 : 1);
  writeDifferences(times, startMs);
  if (counts !== null) writeDifferences(counts, 0);
  for (const [index, { metric }] of series.entries()) {
    const column = columns[index];
    if (column === null || column === undefined) writer.writeUnsigned(EMPTY);
    else writeColumn(column, counts, PRECISION[HISTORY_METRICS[metric].unit]);
  }
  return zstdCompressSync(writer.written(), COMPRESSION);
}

/**
 * Decodes a block.
 * @param wants selects series; the others are passed over
 * @returns `null` if it is damaged
 */
export function decodeBlock(
  data: Uint8Array,
  { startMs, series, wants = () => true }: DecodeOptions,
): Points | null {
  try {
    const reader = new VarintReader(zstdDecompressSync(data, { maxOutputLength: MAX_BYTES }));
    const intervalMs = reader.readUnsigned();
    const rows = reader.readUnsigned();
    if (rows > MAX_ROWS) throw new RangeError('the block has more rows than any');
    const isRollup = reader.readUnsigned() === 1;
    const times = readDifferences(reader, rows, startMs);
    const counts = isRollup ? readDifferences(reader, rows, 0) : null;
    const columns = series.map((one, index) =>
      readColumn(reader, {
        counts,
        rows,
        precision: PRECISION[HISTORY_METRICS[one.metric].unit],
        isWanted: wants(one, index),
      }),
    );
    return { intervalMs, times, counts, series, columns };
  } catch (error) {
    // ZSTD_…, Z_BUF_ERROR for a block that was cut off, or ERR_BUFFER_TOO_LARGE.
    const { code = '' } = error as NodeJS.ErrnoException;
    if (error instanceof RangeError || /^Z|^ERR_BUFFER_TOO_LARGE$/.test(code)) return null;
    throw error;
  }
}

type DecodeOptions = {
  readonly startMs: number;
  /** The series of the block's layout. */
  readonly series: readonly Series[];
  readonly wants?: (series: Series, index: number) => boolean;
};

function writeDifferences(values: Float64Array, start: number): void {
  let previous = start;
  for (const value of values) {
    const whole = Math.round(value);
    writer.writeSigned(whole - previous);
    previous = whole;
  }
}

function readDifferences(reader: VarintReader, length: number, start: number): Float64Array {
  const values = new Float64Array(length);
  let value = start;
  for (let index = 0; index < length; index++) values[index] = value += reader.readSigned();
  return values;
}

/** Returns a value as a multiple of a precision; NaN for NaN. */
const quantized = (value: number, precision: number): number =>
  Math.max(-MAX_WHOLE, Math.min(MAX_WHOLE, Math.round(value / precision)));

function writeColumn(column: Column, counts: Float64Array | null, precision: number): void {
  const { avg, min, max, count } = column;
  const rows = avg.length;
  let present = 0;
  let isConstant = true;
  let hasSpread = false;
  let hasCounts = false;
  let first = 0;
  for (let row = 0; row < rows; row++) {
    const value = avg[row] as number;
    if (Number.isNaN(value)) continue;
    const whole = quantized(value, precision);
    if (present++ === 0) first = whole;
    else if (whole !== first) isConstant = false;
    if (min !== avg && quantized(max[row] as number, precision) !== quantized(min[row] as number, precision))
      hasSpread = true;
    if (count !== null && count[row] !== counts?.[row]) hasCounts = true;
  }
  if (present === 0) {
    writer.writeUnsigned(EMPTY);
    return;
  }
  const hasGaps = present < rows;
  writer.writeUnsigned(
    PRESENT |
      (hasGaps ? HAS_GAPS : 0) |
      (isConstant ? IS_CONSTANT : 0) |
      (hasSpread ? HAS_SPREAD : 0) |
      (hasCounts ? HAS_COUNTS : 0),
  );
  if (hasGaps) writeRuns(avg);
  if (isConstant) writer.writeSigned(first);
  else {
    let previous = 0;
    for (const value of avg) {
      if (Number.isNaN(value)) continue;
      const whole = quantized(value, precision);
      writer.writeSigned(whole - previous);
      previous = whole;
    }
  }
  if (hasSpread) {
    for (let row = 0; row < rows; row++) writeBelow(min[row] as number, avg[row] as number, precision);
    for (let row = 0; row < rows; row++) writeBelow(avg[row] as number, max[row] as number, precision);
  }
  if (hasCounts)
    for (let row = 0; row < rows; row++)
      if (!Number.isNaN(avg[row])) writer.writeUnsigned((counts?.[row] ?? 0) - (count?.[row] ?? 0));
}

function writeBelow(low: number, high: number, precision: number): void {
  if (Number.isNaN(low)) return;
  writer.writeUnsigned(quantized(high, precision) - quantized(low, precision));
}

/** Writes the lengths of runs with and without a value, in turns, beginning with values. */
function writeRuns(values: Float64Array): void {
  let isPresent = true;
  let length = 0;
  for (const value of values) {
    if (Number.isNaN(value) === isPresent) {
      writer.writeUnsigned(length);
      isPresent = !isPresent;
      length = 0;
    }
    length++;
  }
  writer.writeUnsigned(length);
}

type ReadColumnOptions = {
  readonly rows: number;
  readonly counts: Float64Array | null;
  readonly precision: number;
  readonly isWanted: boolean;
};

function readColumn(
  reader: VarintReader,
  { rows, counts, precision, isWanted }: ReadColumnOptions,
): Column | null {
  const mode = reader.readUnsigned();
  if (mode === EMPTY) return isWanted ? emptyColumn(rows, counts) : null;
  const places = mode & HAS_GAPS ? readPlaces(reader, rows) : null;
  const present = places?.length ?? rows;
  if (!isWanted) {
    reader.skip(mode & IS_CONSTANT ? 1 : present);
    if (mode & HAS_SPREAD) reader.skip(2 * present);
    if (mode & HAS_COUNTS) reader.skip(present);
    return null;
  }
  const column = emptyColumn(rows, counts);
  const { avg } = column;
  let whole = 0;
  for (let index = 0; index < present; index++) {
    if (index === 0 || !(mode & IS_CONSTANT)) whole += reader.readSigned();
    avg[places?.[index] ?? index] = whole * precision;
  }
  if (counts === null) return column;
  const min = new Float64Array(avg);
  const max = new Float64Array(avg);
  if (mode & HAS_SPREAD) {
    for (let index = 0; index < present; index++)
      (min[places?.[index] ?? index] as number) -= reader.readUnsigned() * precision;
    for (let index = 0; index < present; index++)
      (max[places?.[index] ?? index] as number) += reader.readUnsigned() * precision;
  }
  const count = new Float64Array(rows);
  for (let index = 0; index < present; index++) {
    const row = places?.[index] ?? index;
    count[row] = (counts[row] as number) - (mode & HAS_COUNTS ? reader.readUnsigned() : 0);
  }
  return { avg, min, max, count };
}

function emptyColumn(rows: number, counts: Float64Array | null): Column {
  const avg = new Float64Array(rows).fill(Number.NaN);
  return { avg, min: avg, max: avg, count: counts === null ? null : new Float64Array(rows) };
}

/** Returns the rows that have a value. */
function readPlaces(reader: VarintReader, rows: number): number[] {
  const places: number[] = [];
  let isPresent = true;
  for (let row = 0; row < rows; isPresent = !isPresent) {
    const end = row + reader.readUnsigned();
    if (end > rows) throw new RangeError('a run is longer than its block');
    if (isPresent) for (let place = row; place < end; place++) places.push(place);
    row = end;
  }
  return places;
}
