import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cutLine, cutSentence } from './cut-text.ts';

it('leaves a line that fits', () => {
  expect(cutLine('ü'.repeat(50), 0, 100)).toBe('ü'.repeat(50));
});

it('notes how many bytes of a line are missing, and stays within its bound', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'grapheme', minLength: 0, maxLength: 300 }),
      fc.oneof(fc.constant(0), fc.nat()),
      (text, droppedBytes) => {
        const line = cutLine(text, droppedBytes, 200);
        expect(Buffer.byteLength(line)).toBeLessThanOrEqual(200);
        const match = /^(.*) … \[(\d+) bytes dropped\]$/su.exec(line);
        if (droppedBytes === 0 && Buffer.byteLength(text) <= 200) {
          expect(line).toBe(text);
          return;
        }
        expect(text.startsWith(match![1]!)).toBe(true);
        expect(Buffer.byteLength(match![1]!) + Number(match![2])).toBe(
          Buffer.byteLength(text) + droppedBytes,
        );
      },
    ),
  );
});

it('cuts a sentence between two characters', () => {
  expect(cutSentence('12345', 5)).toBe('12345');
  expect(cutSentence('123456', 5)).toBe('1234…');
  expect(cutSentence('123😀56', 5)).toBe('123…');
});
