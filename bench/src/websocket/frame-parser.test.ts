import fc from 'fast-check';
import { expect, test } from 'vitest';
import * as ws from 'ws';
import { FrameParser } from './frame-parser.ts';

// The framing of `ws`, a real server's, which @types/ws does not declare.
const { Sender } = ws as unknown as {
  Sender: { frame(data: Buffer, options: object): Buffer[] };
};

const encode = (payload: Buffer, options: object = {}): Buffer =>
  Buffer.concat(
    Sender.frame(payload, { fin: true, rsv1: false, opcode: 1, mask: false, readOnly: true, ...options }),
  );

function parse(chunks: readonly Buffer[]) {
  const frames: { opcode: number; payloadBytes: number; head: string }[] = [];
  const parser = new FrameParser(({ opcode, payloadBytes, head }) => {
    frames.push({ opcode, payloadBytes, head: head.toString('latin1') });
  });
  for (const chunk of chunks) parser.push(chunk);
  return frames;
}

function split(bytes: Buffer, sizes: readonly number[]): Buffer[] {
  const chunks = [];
  let at = 0;
  for (let turn = 0; at < bytes.length; turn++) {
    const size = sizes[turn % sizes.length]!;
    chunks.push(bytes.subarray(at, at + size));
    at += size;
  }
  return chunks;
}

test('frames are found whole, in order and with their beginning, however TCP cuts them', () => {
  const lengths = fc.oneof(
    fc.integer({ min: 0, max: 300 }),
    fc.constantFrom(125, 126, 65_535, 65_536, 70_000),
  );
  fc.assert(
    fc.property(
      fc.array(lengths, { maxLength: 8 }),
      fc.array(fc.integer({ min: 1, max: 20_000 }), { minLength: 1, maxLength: 5 }),
      (payloadLengths, chunkSizes) => {
        const payloads = payloadLengths.map((length, index) => Buffer.alloc(length, `${index}abc`));
        const bytes = Buffer.concat(payloads.map((payload) => encode(payload)));
        expect(parse(split(bytes, chunkSizes))).toEqual(
          payloads.map((payload) => ({
            opcode: 1,
            payloadBytes: payload.length,
            head: payload.subarray(0, 128).toString('latin1'),
          })),
        );
      },
    ),
    { numRuns: 200 },
  );
});

test('a byte at a time gives the same frames', () => {
  const bytes = Buffer.concat([encode(Buffer.from('first')), encode(Buffer.alloc(200, 'x'), { opcode: 9 })]);
  expect(parse(split(bytes, [1]))).toEqual([
    { opcode: 1, payloadBytes: 5, head: 'first' },
    { opcode: 9, payloadBytes: 200, head: 'x'.repeat(128) },
  ]);
});

test('more of a payload is kept on request', () => {
  const heads: string[] = [];
  const parser = new FrameParser(({ head }) => heads.push(head.toString('latin1')), 1000);
  for (const chunk of split(encode(Buffer.from('abcde'.repeat(300))), [301])) parser.push(chunk);
  expect(heads).toEqual(['abcde'.repeat(200)]);
});

test('a frame that is incomplete is not reported', () => {
  expect(parse([encode(Buffer.from('whole')).subarray(0, -1)])).toEqual([]);
});

test('fragments, extensions and masks are refused', () => {
  const payload = Buffer.from('payload');
  expect(() => parse([encode(payload, { fin: false })])).toThrow('fragmented');
  expect(() => parse([encode(payload, { rsv1: true })])).toThrow('extension');
  expect(() => parse([encode(payload, { mask: true })])).toThrow('masked');
});
