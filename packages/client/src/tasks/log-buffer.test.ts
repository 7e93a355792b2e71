import type { LogLine } from '@booner/protocol';
import { expect, it } from 'vitest';
import { createStore } from '../store/store.ts';
import { followLog } from './follow-log.ts';
import { EMPTY_LOG, LogBuffer } from './log-buffer.ts';

const lines = (first: number, last: number): LogLine[] =>
  Array.from({ length: last - first + 1 }, (_, n) => ({
    line: first + n,
    stream: 'stdout',
    text: `${first + n}`,
  }));

it('keeps each line once and in order, whichever way it comes', () => {
  const buffer = new LogBuffer(null);
  expect(buffer.lastLine).toBeNull();
  buffer.take(lines(11, 20), 10);
  buffer.take(lines(15, 25), 0); // from REST, after a switch
  buffer.take(lines(12, 14), 0);
  buffer.take(lines(26, 27), 0);
  expect(buffer.snapshot().lines.map(({ line }) => line)).toEqual(lines(11, 27).map(({ line }) => line));
  expect(buffer.snapshot()).toMatchObject({ droppedLines: 10, lastLine: 27, isLoaded: true, isEnded: false });
});

it('counts what was dropped before, between and after the lines', () => {
  const buffer = new LogBuffer(5);
  buffer.take(lines(8, 10), 2);
  buffer.take(lines(21, 21), 10);
  buffer.take([], 4);
  buffer.end();
  buffer.take(lines(26, 30), 0); // nothing follows the end
  expect(buffer.snapshot()).toMatchObject({ droppedLines: 16, lastLine: 25, isEnded: true });
});

it('keeps the last 100,000 lines', () => {
  const buffer = new LogBuffer(0);
  for (let first = 1; first < 250_000; first += 500) buffer.take(lines(first, first + 499), 0);
  const log = buffer.snapshot();
  expect(log.lines).toHaveLength(100_000);
  expect(log.lines[0]!.line).toBe(150_001);
  expect(log).toMatchObject({ lastLine: 250_000, droppedLines: 150_000 });
});

it('yields each line once, even to a slow reader, and ends with the log', async () => {
  const buffer = new LogBuffer(0);
  const store = createStore(EMPTY_LOG);
  const show = () => store.set(buffer.snapshot());
  const parts: { first: number | undefined; count: number; droppedLines: number }[] = [];
  const following = (async () => {
    for await (const { lines: some, droppedLines } of followLog(store, { afterLine: 0 })) {
      parts.push({ first: some[0]?.line, count: some.length, droppedLines });
    }
  })();
  buffer.take(lines(1, 3), 0);
  show();
  await expect.poll(() => parts.length).toBe(1);
  buffer.take(lines(4, 5), 0);
  show();
  buffer.take(lines(8, 9), 2);
  show();
  await expect.poll(() => parts.length).toBe(2);
  buffer.take([], 3);
  buffer.end();
  show();
  await following;
  expect(parts).toEqual([
    { first: 1, count: 3, droppedLines: 0 },
    { first: 4, count: 4, droppedLines: 2 },
    { first: undefined, count: 0, droppedLines: 3 },
  ]);
});

it('stops following with the reason of the signal, and leaves the store', async () => {
  let watchers = 0;
  const store = createStore(EMPTY_LOG, () => {
    watchers++;
    return () => watchers--;
  });
  const stop = new AbortController();
  const next = followLog(store, { signal: stop.signal }).next();
  await expect.poll(() => watchers).toBe(1);
  stop.abort(new Error('enough'));
  await expect(next).rejects.toThrow('enough');
  expect(watchers).toBe(0);
});
