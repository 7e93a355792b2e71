import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineSplitter } from './line-splitter.ts';

type Line = { readonly text: string; readonly droppedBytes: number };

function split(chunks: readonly Uint8Array[], maxBytes = 1000): Line[] {
  const lines: Line[] = [];
  const splitter = createLineSplitter({
    maxBytes,
    onLine: (bytes, droppedBytes) => lines.push({ text: bytes.toString('latin1'), droppedBytes }),
  });
  for (const chunk of chunks) splitter.write(chunk);
  splitter.end();
  return lines;
}

const textsOf = (text: string) => split([Buffer.from(text)]).map((line) => line.text);

it('ends lines at LF, CR and CR LF, and keeps blank ones', () => {
  expect(textsOf('a\nb\r\nc\rd\n\n\r\re\n\rf\n')).toEqual(['a', 'b', 'c', 'd', '', '', '', 'e', '', 'f']);
});

it('keeps a last line without a line break', () => {
  expect(textsOf('a\nb')).toEqual(['a', 'b']);
  expect(textsOf('a\n')).toEqual(['a']);
  expect(textsOf('')).toEqual([]);
});

const bytes = fc
  .array(fc.oneof(fc.constantFrom(10, 13, 97), fc.nat(255)), { maxLength: 200 })
  .map(Buffer.from);

it('gives the same lines however the bytes were chunked', () => {
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(200)), fc.integer({ min: 1, max: 20 }), (whole, cuts, maxBytes) => {
      const places = [0, ...cuts.filter((cut) => cut < whole.length).sort((a, b) => a - b), whole.length];
      const chunks = places.slice(1).map((end, index) => whole.subarray(places[index], end));
      expect(split(chunks, maxBytes)).toEqual(split([whole], maxBytes));
    }),
  );
});

it('accounts for every byte of a line: held or dropped', () => {
  fc.assert(
    fc.property(bytes, fc.integer({ min: 1, max: 20 }), (whole, maxBytes) => {
      const all = split([whole], 1000).map(({ text }) => text);
      expect(split([whole], maxBytes)).toEqual(
        all.map((text) => ({
          text: text.slice(0, maxBytes),
          droppedBytes: Math.max(text.length - maxBytes, 0),
        })),
      );
    }),
  );
});
