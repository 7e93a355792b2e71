import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { drawSoon } from './draw-soon.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const drawing = (log: string[], name: string) => () => {
  log.push(name);
  return () => void log.push(`${name} removed`);
};

it('draws in order, each in a task of its own, and not what was cancelled', () => {
  const log: string[] = [];
  const cancel = ['a', 'b', 'c'].map((name) => drawSoon(drawing(log, name), true));
  expect(log).toEqual([]);
  cancel[1]?.();
  vi.advanceTimersToNextTimer();
  expect(log).toEqual(['a']);
  cancel[0]?.();
  vi.runAllTimers();
  expect(log).toEqual(['a', 'a removed', 'c']);
});

it('goes on after one that failed, and draws at once what is not queued', () => {
  const log: string[] = [];
  drawSoon(() => {
    throw new Error('no canvas');
  }, true);
  drawSoon(drawing(log, 'b'), true);
  drawSoon(drawing(log, 'now'), false)();
  expect(() => vi.advanceTimersToNextTimer()).toThrow('no canvas');
  vi.runAllTimers();
  expect(log).toEqual(['now', 'now removed', 'b']);
});
