import fc from 'fast-check';
import { expect, test } from 'vitest';
import { VarintReader, VarintWriter } from './varint.ts';

const integers = fc.array(fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -200, max: 200 })));

test('integers are read as they were written, and can be passed over', () => {
  fc.assert(
    fc.property(integers, fc.nat(20), (values, skipped) => {
      const writer = new VarintWriter();
      // Zigzag doubles a number, so the largest are beyond what is exact.
      const written = values.map((value) => Math.trunc(value / 2));
      for (const value of written) writer.writeSigned(value);
      const reader = new VarintReader(writer.written());
      reader.skip(Math.min(skipped, written.length));
      const rest = written.slice(skipped);
      expect(rest.map(() => reader.readSigned())).toEqual(rest.map((value) => value + 0));
      expect(() => reader.readUnsigned()).toThrow(RangeError);
    }),
    { numRuns: 200 },
  );
});

test('unsigned integers up to 2^53 are exact', () => {
  fc.assert(
    fc.property(fc.maxSafeNat(), (value) => {
      const writer = new VarintWriter();
      writer.writeUnsigned(value);
      expect(new VarintReader(writer.written()).readUnsigned()).toBe(value);
    }),
    { numRuns: 300 },
  );
});

test('a small number of either sign takes one byte', () => {
  const writer = new VarintWriter();
  for (let value = -64; value < 64; value++) writer.writeSigned(value);
  expect(writer.written()).toHaveLength(128);
});
