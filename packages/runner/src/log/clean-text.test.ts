import fc from 'fast-check';
import { expect, it } from 'vitest';
import { cleanColouredText, cleanText } from './clean-text.ts';

it.each([
  ['\x1b[1;31mred\x1b[0m', 'red'],
  ['\x1b]8;;http://x\x07link\x1b]8;;\x1b\\', 'link'],
  ['\x1b]0;title\x07text', 'text'],
  ['\x1b(Bplain\x1b7\x1b[2J\x1b[?25l', 'plain'],
  ['\x9b31mred', 'red'],
  ['a\0b\x07c\bd\x7fe\x85f', 'abcdef'],
  ['a\tb', 'a\tb'],
  ['ä € 😀 \ufffd', 'ä € 😀 \ufffd'],
  ['a\u202etxt.exe\u200b\tb', 'atxt.exe\tb'],
  ['\x1b[', ''],
  ['[31m is no sequence', '[31m is no sequence'],
])('makes %j to %j', (text, cleaned) => {
  expect(cleanText(text)).toBe(cleaned);
});

it.each([
  ['\x1b[1;31mred\x1b[0m', '\x1b[1;31mred\x1b[0m'],
  ['\x1b[38;2;10;20;30mtrue colour\x1b[m', '\x1b[38;2;10;20;30mtrue colour\x1b[m'],
  ['\x1b[2J\x1b[32mgreen\x1b[K\x07\x1b]0;title\x07', '\x1b[32mgreen'],
  ['\x9b31mred', 'red'],
  ['\x1b[31mred\u202e\x1b[0m', '\x1b[31mred\x1b[0m'],
  ['\x1b\0[31m', '[31m'],
  [`\x1b[${'1;'.repeat(50)}mlong`, 'long'],
])('keeps of %j the colours: %j', (text, cleaned) => {
  expect(cleanColouredText(text)).toBe(cleaned);
});

it('leaves no control character except tab', () => {
  fc.assert(
    fc.property(
      fc.string({
        unit: fc.constantFrom('\x1b', '[', ']', '\x9b', '\x07', '\0', '\\', '1', ';', 'm', 'ü', '\t'),
      }),
      (text) => {
        expect(cleanText(text)).not.toMatch(/[^\P{Cc}\t]/u);
        const coloured = cleanColouredText(text);
        // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what may stay
        expect(coloured.replaceAll(/\x1b\[[\d;:]*m/g, '')).not.toMatch(/[^\P{Cc}\t]/u);
        expect(cleanText(coloured)).toBe(cleanText(text));
      },
    ),
  );
});

it('takes time in proportion to the length of any text', () => {
  for (const part of ['\x1b]', '\x1b[', '\x1b[1;1', '\x1bP\x1b', '\x9b']) {
    cleanText(part.repeat(500_000));
    cleanColouredText(part.repeat(500_000));
  }
}, 120_000); // the square of the length would take hours
