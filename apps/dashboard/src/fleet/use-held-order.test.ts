import { expect, it } from 'vitest';
import { keepOrder } from './use-held-order.ts';

it('keeps the places of known items, in their newest form, and appends new ones', () => {
  const items = ['c', 'new', 'a'].map((host) => ({ host, isNewest: true }));
  expect(keepOrder(['a', 'gone', 'c'], items)).toEqual(
    ['a', 'c', 'new'].map((host) => ({ host, isNewest: true })),
  );
});
