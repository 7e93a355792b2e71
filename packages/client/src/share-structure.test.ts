import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createKeyedStores } from './keyed-stores.ts';
import { shareStructure } from './share-structure.ts';

it('keeps the identity of what did not change, and of nothing else', () => {
  const before = { cpu: { cores: [1, 2] }, disks: [{ name: 'a' }, { name: 'b' }], label: null };
  const after = shareStructure(before, {
    cpu: { cores: [1, 2] },
    disks: [{ name: 'a' }, { name: 'c' }],
    label: null,
  });
  expect(after).not.toBe(before);
  expect(after.cpu).toBe(before.cpu);
  expect(after.disks[0]).toBe(before.disks[0]);
  expect(after.disks[1]).toEqual({ name: 'c' });
  expect(shareStructure(before, structuredClone(before))).toBe(before);
  expect(shareStructure({ a: undefined }, { b: undefined })).toEqual({ b: undefined });
});

it('always equals the new value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.jsonValue(), (before, next) => {
      expect(shareStructure(before, next)).toEqual(next);
    }),
  );
});

it('makes one store a key, and keeps those that are watched', () => {
  const watched: string[] = [];
  const stores = createKeyedStores<number>({
    initial: () => 0,
    onWatched(key) {
      watched.push(key);
      return () => watched.splice(watched.indexOf(key), 1);
    },
  });
  const first = stores.get('first');
  const leave = [first.subscribe(() => {}), first.subscribe(() => {})];
  for (let key = 0; key < 1000; key++) stores.get(`${key}`);
  expect(stores.get('first')).toBe(first);
  expect(stores.get('999')).toBe(stores.get('999'));
  expect(watched).toEqual(['first']);
  leave[0]!();
  expect(watched).toEqual(['first']);
  leave[1]!();
  leave[1]!();
  expect(watched).toEqual([]);
  expect(stores.watched.size).toBe(0);
});
