import type { AlertEvent } from '@booner/bus';
import { type Cursor, parseCursor } from '@booner/protocol';
import { expect, it, vi } from 'vitest';
import { AlertTail } from './alert-tail.ts';

const at = (n: number): Cursor => parseCursor(`${n}-0`)!;
const events = (from: number, to: number): AlertEvent[] =>
  Array.from({ length: to - from + 1 }, (_, index) => ({
    cursor: at(from + index),
    type: 'settings',
    kind: 'rules',
  }));

it('returns what came after a position, page by page', async () => {
  const tail = new AlertTail();
  tail.reset(at(10));
  tail.push(events(11, 310));
  const first = await tail.read(at(10));
  expect(first).toEqual({ type: 'page', events: events(11, 210) });
  expect(await tail.read(at(210))).toEqual({ type: 'page', events: events(211, 310) });
  expect(await tail.read(at(310))).toEqual({ type: 'page', events: [] });
});

it('keeps the last 5,000 changes, and none from before a reset', async () => {
  const tail = new AlertTail();
  tail.reset(at(0));
  tail.push(events(1, 4000));
  expect(await tail.read(at(0))).toMatchObject({ type: 'page' });
  tail.push(events(4001, 6000));
  expect(await tail.read(at(999))).toEqual({ type: 'trimmed', end: at(6000) });
  expect(await tail.read(at(1000))).toMatchObject({ type: 'page' });
  tail.reset(at(7000));
  expect(await tail.read(at(6000))).toEqual({ type: 'trimmed', end: at(7000) });
});

it('waits for a position that is not known yet, but not for ever', async () => {
  vi.useFakeTimers();
  const tail = new AlertTail();
  tail.reset(at(10));
  const reached = tail.read(at(12));
  tail.push(events(11, 11));
  tail.push(events(12, 13));
  expect(await reached).toEqual({ type: 'page', events: events(13, 13) });
  const never = tail.read(at(99));
  await vi.advanceTimersByTimeAsync(5000);
  expect(await never).toEqual({ type: 'trimmed', end: at(13) });
  vi.useRealTimers();
});
