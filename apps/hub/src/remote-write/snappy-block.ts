import { compress } from 'snappyjs';
import { varint } from './write-request.ts';

/**
 * A text in the block format of Snappy without its preamble, which is the length of the text:
 * https://github.com/google/snappy/blob/main/format_description.txt
 *
 * What follows the preamble refers back to what was read before, never forward, so bodies can be
 * concatenated: a stored sample is compressed once and never unpacked.
 */
export type SnappyBody = { readonly body: Buffer; readonly length: number };

export function snappyBody(text: Buffer): SnappyBody {
  const block = Buffer.from(compress(text));
  return { body: block.subarray(varint(text.length).length), length: text.length };
}

/** Joins bodies into one block. */
export const snappyBlock = (bodies: readonly SnappyBody[]): Buffer =>
  Buffer.concat([
    varint(bodies.reduce((sum, { length }) => sum + length, 0)),
    ...bodies.map(({ body }) => body),
  ]);
