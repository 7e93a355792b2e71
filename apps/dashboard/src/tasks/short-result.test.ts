import { expect, it } from 'vitest';
import { shortResult } from './short-result.ts';

it('says the details when there are some', () => {
  expect(shortResult({ details: 'Deployed v2', seconds: 3 })).toBe('Deployed v2');
});

it('says the fields otherwise, and of what lies deeper only that it is there', () => {
  expect(shortResult({ folder: '/var', files: [1, 2], one: [1], more: { a: 1 }, none: null })).toBe(
    'folder: /var, files: 2 items, one: 1 item, more: {…}, none: null',
  );
});

it('says nothing of nothing', () => {
  expect(shortResult(null)).toBeNull();
  expect(shortResult({})).toBeNull();
});
