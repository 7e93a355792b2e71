import fc from 'fast-check';
import { expect, it } from 'vitest';
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
