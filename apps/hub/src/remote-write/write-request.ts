/**
 * Encoding of remote write 1.0: https://prometheus.io/docs/specs/prw/remote_write_spec/ and the
 * wire format of Protocol Buffers: https://protobuf.dev/programming-guides/encoding/
 *
 *     message WriteRequest { repeated TimeSeries timeseries = 1; }
 *     message TimeSeries   { repeated Label labels = 1; repeated Sample samples = 2; }
 *     message Label        { string name = 1; string value = 2; }
 *     message Sample       { double value = 1; int64 timestamp = 2; }
 *
 * Fields with a length have the tag `number << 3 | 2`, a double `number << 3 | 1`, an int64
 * `number << 3`.
 */

/** Labels of one series, sorted by name. */
export type SortedLabels = readonly (readonly [name: string, value: string])[];

/**
 * The value that ends a series, a NaN of its own. JavaScript may change the bits of a NaN that it
 * holds in a number, so it is only ever written as an integer. See
 * https://github.com/prometheus/prometheus/blob/main/model/value/value.go
 */
const STALE_NAN = 0x7ff0000000000002n;

const TIMESERIES = 0x0a;
const LABELS = 0x0a;
const NAME = 0x0a;
const VALUE = 0x12;
const SAMPLES = 0x12;
const SAMPLE_VALUE = 0x09;
const SAMPLE_TIMESTAMP = 0x10;
const DOUBLE_BYTES = 8;

/** Encodes the labels of a series: all of a `TimeSeries` but its samples. */
export function encodeLabels(labels: SortedLabels): Buffer {
  return Buffer.concat(
    labels.map(([name, value]) => field(LABELS, Buffer.concat([text(NAME, name), text(VALUE, value)]))),
  );
}

/**
 * Encodes one sample of a series as a `WriteRequest`. Requests can be concatenated.
 * @param labels as {@link encodeLabels} returns them
 * @param value `'stale'` ends the series
 * @param atMs Unix time
 */
export function encodeSample(labels: Buffer, value: number | 'stale', atMs: number): Buffer {
  const timestamp = varint(atMs);
  const sampleBytes = 1 + DOUBLE_BYTES + 1 + timestamp.length; // so few that one byte holds the number
  const seriesBytes = varint(labels.length + 2 + sampleBytes);
  // One buffer for all: this runs for each figure of each host in each interval.
  const bytes = Buffer.allocUnsafe(1 + seriesBytes.length + labels.length + 2 + sampleBytes);
  let at = bytes.writeUInt8(TIMESERIES);
  at += seriesBytes.copy(bytes, at);
  at += labels.copy(bytes, at);
  at = bytes.writeUInt8(SAMPLES, at);
  at = bytes.writeUInt8(sampleBytes, at);
  at = bytes.writeUInt8(SAMPLE_VALUE, at);
  at = value === 'stale' ? bytes.writeBigUInt64LE(STALE_NAN, at) : bytes.writeDoubleLE(value, at);
  at = bytes.writeUInt8(SAMPLE_TIMESTAMP, at);
  timestamp.copy(bytes, at);
  return bytes;
}

const text = (tag: number, value: string) => field(tag, Buffer.from(value));

const field = (tag: number, value: Buffer) =>
  Buffer.concat([Buffer.from([tag]), varint(value.length), value]);

/** Encodes a number from 0 to 2^53 in groups of 7 bits, the lowest first. */
export function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 0x80; rest = Math.floor(rest / 0x80)) bytes.push((rest % 0x80) | 0x80);
  bytes.push(rest);
  return Buffer.from(bytes);
}
