import { uncompress } from 'snappyjs';

export type DecodedSeries = {
  readonly labels: readonly (readonly [name: string, value: string])[];
  readonly samples: readonly { readonly value: number | 'stale'; readonly atMs: number }[];
};

type Field = { readonly number: number; readonly bytes: Buffer; readonly integer: number };

/** Reads the fields of a message of Protocol Buffers. */
function* fieldsOf(message: Buffer): Generator<Field> {
  let at = 0;
  const readVarint = () => {
    let [value, factor] = [0, 1];
    for (;;) {
      const byte = message[at++] ?? 0;
      value += (byte & 0x7f) * factor;
      factor *= 0x80;
      if (byte < 0x80) return value;
    }
  };
  while (at < message.length) {
    const tag = readVarint();
    const [number, type] = [tag >> 3, tag & 7];
    if (type === 0) {
      yield { number, bytes: Buffer.alloc(0), integer: readVarint() };
      continue;
    }
    const length = type === 1 ? 8 : readVarint();
    yield { number, bytes: message.subarray(at, at + length), integer: Number.NaN };
    at += length;
  }
}

/** Decodes a write request, without its compression. */
export function decodeSeries(request: Buffer): readonly DecodedSeries[] {
  return [...fieldsOf(request)].map(({ bytes }) => {
    const fields = [...fieldsOf(bytes)];
    const labels = fields
      .filter(({ number }) => number === 1)
      .map((label) => [...fieldsOf(label.bytes)].map(({ bytes: text }) => text.toString()));
    const samples = fields
      .filter(({ number }) => number === 2)
      .map((sample) => {
        const [value, timestamp] = [...fieldsOf(sample.bytes)];
        const isStale = value?.bytes.readBigUInt64LE() === 0x7ff0000000000002n;
        return {
          value: isStale ? ('stale' as const) : (value?.bytes.readDoubleLE() ?? Number.NaN),
          atMs: timestamp?.integer ?? Number.NaN,
        };
      });
    return { labels: labels as [string, string][], samples };
  });
}

/** Decodes the body of a request of remote write 1.0. */
export const decodeBody = (body: Buffer): readonly DecodedSeries[] =>
  decodeSeries(Buffer.from(uncompress(body)));

/** Returns a series as text, such as `node_load1{instance="10.0.0.2",job="booner"}`. */
export function seriesText({ labels }: DecodedSeries): string {
  const name = labels.find(([label]) => label === '__name__')?.[1];
  const rest = labels.filter(([label]) => label !== '__name__');
  return `${name}{${rest.map(([label, value]) => `${label}="${value}"`)}}`;
}
