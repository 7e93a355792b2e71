import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { areFiguresInRange, figuresInRange } from './figure-ranges.ts';

const schema = z.looseObject({}).check(figuresInRange);
const issueOf = (value: object) => {
  const { error } = schema.safeParse(value);
  return error === undefined ? null : `${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`;
};

it('names the figure that is out of its range, however deep it is', () => {
  expect(
    issueOf({ cpu: { usageRatio: 1, temperatureCelsius: -20 }, list: [{ usedBytes: 5 }, null, 'text'] }),
  ).toBeNull();
  expect(issueOf({ cpu: { cores: [{ usageRatio: 0.5 }, { usageRatio: 1.01 }] } })).toBe(
    'cpu.cores.1.usageRatio must be at most 1',
  );
  expect(issueOf({ disks: { devices: [{ readBytesPerSecond: -1 }] } })).toBe(
    'disks.devices.0.readBytesPerSecond must not be negative',
  );
});

it('finds a bad figure wherever it is put', () => {
  const places = fc.array(fc.oneof(fc.constantFrom('a', 'b'), fc.nat(3)), { maxLength: 5 });
  fc.assert(
    fc.property(places, (path) => {
      const bad = path.reduceRight<object>(
        (inner, key) => (typeof key === 'number' ? Array(key + 1).fill(inner) : { [key]: inner, ok: 1 }),
        { usedBytes: -1 },
      );
      expect(issueOf({ root: bad })).toMatch(/usedBytes must not be negative$/);
    }),
  );
});

it('refuses what is nested deeper than any sample, without a long stack', () => {
  const nest = (depth: number): object => (depth === 0 ? {} : [nest(depth - 1)]);
  expect(areFiguresInRange(nest(8))).toBe(true);
  expect(areFiguresInRange(nest(9))).toBe(false);
  expect(areFiguresInRange(JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`))).toBe(false);
});
