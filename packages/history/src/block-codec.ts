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

/**
 * Rollups keep this many significant bits of a value, so they are at most 0.006 % off. Lower bits
 * are noise, which takes a sixth of the space of a rollup.
 */
const SIGNIFICANT_BITS = 14;

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
const MIN_IN_STEPS = 32;
const MAX_IN_STEPS = 64;

/** Bound on stored integers: the zigzag of a difference of two is exact. */
const MAX_WHOLE = 2 ** 51;

const writer = new VarintWriter();

/**
 * Encodes points as one compressed block: a header with the times, then column after column, each
 * as quantized integers, the difference to the previous one, zigzag, as varints; compressed with
 * Zstandard. Constant and empty columns take a byte or two before compression. Minima and maxima of
 * a rollup are differences to the average, or to the previous one, whichever is shorter.
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

const EXACT = 2 ** SIGNIFICANT_BITS;
const PER_DOUBLING = EXACT / 2;
const MAX_DOUBLINGS = Math.log2(MAX_WHOLE) + 1 - SIGNIFICANT_BITS;
const POWERS = Array.from({ length: MAX_DOUBLINGS + 1 }, (_, exponent) => 2 ** exponent);

/**
 * Rounds a whole number to {@link SIGNIFICANT_BITS}, and numbers the results without gaps, as the
 * buckets of an HDR histogram (https://github.com/HdrHistogram/HdrHistogram): 2^14 whole numbers
 * as they are, then 2^13 for each doubling.
 */
function shortened(whole: number): number {
  const size = Math.abs(whole);
  if (size < EXACT) return whole;
  const doublings = Math.floor(Math.log2(size)) + 1 - SIGNIFICANT_BITS;
  const short = doublings * PER_DOUBLING + Math.round(size / (POWERS[doublings] as number));
  return whole < 0 ? -short : short;
}

function lengthened(short: number): number {
  const size = Math.abs(short);
  if (size < EXACT) return short;
  const doublings = Math.min(Math.floor(size / PER_DOUBLING) - 1, MAX_DOUBLINGS);
  const whole = (size - doublings * PER_DOUBLING) * (POWERS[doublings] as number);
  return short < 0 ? -whole : whole;
}

/** Form in which the values of a column are stored. */
type Scale = { readonly precision: number; readonly isRollup: boolean };

function integerOf(value: number, { precision, isRollup }: Scale): number {
  const whole = Math.max(-MAX_WHOLE, Math.min(MAX_WHOLE, Math.round(value / precision)));
  return isRollup ? shortened(whole) : whole;
}

const numberOf = (integer: number, { precision, isRollup }: Scale): number =>
  (isRollup ? lengthened(integer) : integer) * precision;

/** Returns the integers of the values that are there. */
function integersOf(values: Float64Array, scale: Scale): number[] {
  const integers: number[] = [];
  for (const value of values) if (!Number.isNaN(value)) integers.push(integerOf(value, scale));
  return integers;
}

function writeColumn(column: Column, counts: Float64Array | null, precision: number): void {
  const { avg, min, max, count } = column;
  const scale = { precision, isRollup: counts !== null };
  const averages = integersOf(avg, scale);
  if (averages.length === 0) {
    writer.writeUnsigned(EMPTY);
    return;
  }
  const minima = min === avg ? averages : integersOf(min, scale);
  const maxima = max === avg ? averages : integersOf(max, scale);
  const hasGaps = averages.length < avg.length;
  const isConstant = averages.every((average) => average === averages[0]);
  const hasSpread = minima.some((minimum, index) => minimum !== maxima[index]);
  const hasCounts = count?.some((samples, row) => samples !== counts?.[row] && !Number.isNaN(avg[row]));
  const minInSteps = hasSpread && isShorterInSteps(minima, averages);
  const maxInSteps = hasSpread && isShorterInSteps(maxima, averages);
  writer.writeUnsigned(
    PRESENT |
      (hasGaps ? HAS_GAPS : 0) |
      (isConstant ? IS_CONSTANT : 0) |
      (hasSpread ? HAS_SPREAD : 0) |
      (hasCounts ? HAS_COUNTS : 0) |
      (minInSteps ? MIN_IN_STEPS : 0) |
      (maxInSteps ? MAX_IN_STEPS : 0),
  );
  if (hasGaps) writeRuns(avg);
  writeSteps(isConstant ? averages.slice(0, 1) : averages);
  if (hasSpread) {
    if (minInSteps) writeSteps(minima);
    else writeDistances(minima, averages);
    if (maxInSteps) writeSteps(maxima);
    else writeDistances(maxima, averages);
  }
  if (hasCounts)
    for (let row = 0; row < avg.length; row++)
      if (!Number.isNaN(avg[row])) writer.writeUnsigned((counts?.[row] ?? 0) - (count?.[row] ?? 0));
}

/** Writes the difference of each integer to the one before. */
function writeSteps(integers: readonly number[]): void {
  let previous = 0;
  for (const integer of integers) {
    writer.writeSigned(integer - previous);
    previous = integer;
  }
}

/** Writes how far minima or maxima are from the averages. */
function writeDistances(bounds: readonly number[], averages: readonly number[]): void {
  for (const [index, bound] of bounds.entries())
    writer.writeUnsigned(Math.abs(bound - (averages[index] as number)));
}

/** Estimates by the number of bits, of which repeated ones are free after compression. */
function isShorterInSteps(bounds: readonly number[], averages: readonly number[]): boolean {
  let bits = 0;
  let [bound, step, distance] = [0, 0, 0];
  for (let index = 0; index < bounds.length; index++) {
    const nextBound = bounds[index] as number;
    const nextStep = Math.abs(nextBound - bound);
    const nextDistance = Math.abs(nextBound - (averages[index] as number));
    if (nextStep !== step) bits += 33 - Math.clz32(2 * nextStep); // its sign takes one
    if (nextDistance !== distance) bits -= 33 - Math.clz32(nextDistance);
    [bound, step, distance] = [nextBound, nextStep, nextDistance];
  }
  return bits < 0;
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
  const scale = { precision, isRollup: counts !== null };
  const placed = (integers: Float64Array): Float64Array => {
    const values = places === null ? new Float64Array(rows) : new Float64Array(rows).fill(Number.NaN);
    for (let index = 0; index < present; index++)
      values[places?.[index] ?? index] = numberOf(integers[index] as number, scale);
    return values;
  };
  const averages = new Float64Array(present);
  if (mode & IS_CONSTANT) averages.fill(reader.readSigned());
  else readSteps(reader, averages);
  const avg = placed(averages);
  if (counts === null) return { avg, min: avg, max: avg, count: null };
  const bounds = new Float64Array(present);
  const readBounds = (inSteps: number, sign: 1 | -1): Float64Array => {
    if (inSteps) readSteps(reader, bounds);
    else
      for (let index = 0; index < present; index++)
        bounds[index] = (averages[index] as number) + sign * reader.readUnsigned();
    return placed(bounds);
  };
  const min = mode & HAS_SPREAD ? readBounds(mode & MIN_IN_STEPS, -1) : new Float64Array(avg);
  const max = mode & HAS_SPREAD ? readBounds(mode & MAX_IN_STEPS, 1) : new Float64Array(avg);
  const count = new Float64Array(rows);
  for (let index = 0; index < present; index++) {
    const row = places?.[index] ?? index;
    count[row] = (counts[row] as number) - (mode & HAS_COUNTS ? reader.readUnsigned() : 0);
  }
  return { avg, min, max, count };
}

function readSteps(reader: VarintReader, integers: Float64Array): void {
  let integer = 0;
  for (let index = 0; index < integers.length; index++) {
    integer += reader.readSigned();
    integers[index] = integer;
  }
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
