import { expect, it } from 'vitest';
import { followBlindness, SIGHTED } from './blindness.ts';

/** Follows a hub that is blind at these seconds. */
function effectsOf(isBlindAt: (second: number) => boolean, seconds: number) {
  let memory = SIGHTED;
  const effects: string[] = [];
  for (let second = 0; second < seconds; second += 1) {
    const step = followBlindness(memory, isBlindAt(second), second * 1000);
    memory = step.memory;
    effects.push(...step.effects.map(({ type, atMs }) => `${atMs / 1000}: ${type}`));
  }
  return effects;
}

it('a hub says once that it is blind, and once that it is not any more', () => {
  expect(effectsOf((second) => second >= 10 && second < 600, 700)).toEqual(['70: blind', '600: sighted']);
});

it('a short outage is not worth a message', () => {
  expect(effectsOf((second) => second % 60 < 50, 700)).toEqual([]);
});
