import { expect, it } from 'vitest';
import { paramsText } from './params-text.ts';

it('spells parameters as they would be typed, but no secrets', () => {
  expect(paramsText({ seconds: 300, slot: 'blue', note: 'two words', token: '[redacted]' })).toBe(
    'seconds=300 slot=blue note="two words" token=•••',
  );
  expect(paramsText({ settings: { a: [1] } })).toBe('settings={"a":[1]}');
  expect(paramsText({})).toBe('');
});
