import { expect, test } from 'vitest';
import { nameList } from './name-list.ts';

test('takes names apart however they were typed, and nothing for all', () => {
  expect(nameList(' 10.0.0.2, 10.0.0.3\n10.0.0.2 ')).toEqual(['10.0.0.2', '10.0.0.3']);
  expect(nameList(' , ')).toBeUndefined();
});
