import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createLineCutter } from './lines.ts';

it('gives the same lines however the stream is cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[a-c, ]{0,20}$/)), fc.array(fc.nat(200)), (lines, cuts) => {
      const text = lines.map((line) => `${line}\n`).join('');
      const places = [...new Set([0, ...cuts, text.length])]
        .filter((at) => at <= text.length)
        .sort((a, b) => a - b);
      const seen: string[] = [];
      const push = createLineCutter((line) => seen.push(line));
      places.forEach((at, n) => {
        push(text.slice(at, places[n + 1] ?? text.length));
      });
      expect(seen).toEqual(lines);
    }),
  );
});

it('drops a line without an end, and goes on with the next', () => {
  const seen: string[] = [];
  const push = createLineCutter((line) => seen.push(line), 10);
  for (let n = 0; n < 100; n += 1) push('xxxxx');
  push('tail\nnext\r\n');
  expect(seen).toEqual(['next']);
});
