import { expect, it } from 'vitest';
import { parseProgressLine } from './progress-line.ts';

it('reads the percentage and the message', () => {
  expect(parseProgressLine('::progress 40 Copying files')).toEqual({
    progressPercent: 40,
    message: 'Copying files',
  });
  expect(parseProgressLine('::progress 0')).toEqual({ progressPercent: 0, message: null });
  expect(parseProgressLine('::progress 100  ')).toEqual({ progressPercent: 100, message: null });
});

it.each([
  '::progress 101 x',
  '::progress -1',
  '::progress 4.5 x',
  '::progress x',
  '::progress',
  ' ::progress 4',
  '::progress 4x',
  '::progress 1000',
])('takes %j for an ordinary line', (line) => {
  expect(parseProgressLine(line)).toBeNull();
});
