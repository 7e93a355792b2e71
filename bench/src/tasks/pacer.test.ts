import { expect, test } from 'vitest';
import { createPacer } from './pacer.ts';

const recordTurns = (names: readonly string[], turnsEach: number) => {
  const taken: string[] = [];
  const abandoned: string[] = [];
  const pacer = createPacer();
  for (const name of names) {
    let left = turnsEach;
    pacer.add({
      take() {
        taken.push(name);
        left--;
        return left > 0;
      },
      abandon: () => abandoned.push(name),
    });
  }
  return { pacer, taken, abandoned };
};

test('turns come at the rate, one after the other, until each has had its own', () => {
  const { pacer, taken } = recordTurns(['a', 'b'], 2);
  pacer.setRate(1000, 0);
  expect(pacer.run(0.5)).toEqual([]);
  expect(pacer.run(2.5)).toEqual([1.5, 0.5]);
  expect(pacer.run(3)).toEqual([0]);
  expect(pacer.run(4)).toEqual([0]);
  expect(taken).toEqual(['a', 'b', 'a', 'b']);
});

test('turns that are not taken are not made up for later', () => {
  const { pacer, taken } = recordTurns(['a'], 1);
  pacer.setRate(1000, 0);
  expect(pacer.run(3)).toEqual([2]);
  expect(pacer.run(3.5)).toEqual([]);
  expect(taken).toEqual(['a']);
});

test('without a rate nothing happens, and waiting work can be dismissed', () => {
  const { pacer, taken, abandoned } = recordTurns(['a', 'b'], 1);
  expect(pacer.run(1e9)).toEqual([]);
  pacer.abandonAll();
  expect(abandoned).toEqual(['a', 'b']);
  pacer.setRate(1000, 0);
  expect(pacer.run(1)).toEqual([]);
  expect(taken).toEqual([]);
});
