import { isVisibleText } from '@booner/protocol';
import { expect, it } from 'vitest';
import { INVISIBLE_RANGES, VISIBLE_TEXT_PATTERN } from './shown-values.ts';

it('lists every character that is never visible, and joiners that may be', () => {
  const invisible = new RegExp(`[${INVISIBLE_RANGES}]`, 'u');
  const differing: string[] = [];
  for (let code = 0; code <= 0x10ffff; code++) {
    const text = `a${String.fromCodePoint(code)}b`;
    if (isVisibleText(text) === invisible.test(text)) differing.push(code.toString(16));
  }
  expect(differing).toEqual(['200c', '200d']);
});

it.for([
  ['ci', true],
  [' ci ', true],
  ['ein Name mit 😀', true],
  ['', false],
  [' ', false],
  ['a\u200bb', false],
  ['a\u{e0041}b', false],
] as const)('describes the name %j', ([name, isValid]) => {
  expect(new RegExp(VISIBLE_TEXT_PATTERN, 'u').test(name)).toBe(isValid);
});
