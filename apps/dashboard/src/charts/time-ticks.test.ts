import { expect, test } from 'vitest';
import { tickTexts, timeTicks } from './time-ticks.ts';

const MINUTE_MS = 60_000;
/** 2026-11-23T10:41:03.000Z */
const NOW = Date.UTC(2026, 10, 23, 10, 41, 3);

test('ticks are round times within the span, as many as have room', () => {
  const ticks = timeTicks(NOW - 15 * MINUTE_MS, NOW, 700);
  expect(ticks[0]).toBe(Date.UTC(2026, 10, 23, 10, 28));
  expect(ticks.at(-1)).toBe(Date.UTC(2026, 10, 23, 10, 40));
  expect(ticks.map((atMs, index) => atMs - (ticks[index - 1] ?? atMs - 2 * MINUTE_MS))).toEqual(
    ticks.map(() => 2 * MINUTE_MS),
  );
  expect(timeTicks(NOW - 15 * MINUTE_MS, NOW, 250).length).toBeLessThanOrEqual(3);
});

test('no tick is so near to the end that its text would be cut off', () => {
  const width = 600;
  const last = timeTicks(NOW - 15 * MINUTE_MS, NOW - 2000, width).at(-1) ?? 0;
  expect(((NOW - 2000 - last) / (15 * MINUTE_MS)) * width).toBeGreaterThan(29);
});

test('texts have seconds only where ticks are closer than a minute', () => {
  const [minutes, seconds] = [
    timeTicks(NOW - 15 * MINUTE_MS, NOW, 700),
    timeTicks(NOW - MINUTE_MS, NOW, 600),
  ];
  expect(tickTexts(minutes).every((text) => text.split(':').length === 2)).toBe(true);
  expect(tickTexts(seconds).every((text) => text.split(':').length === 3)).toBe(true);
});

const DAY_MS = 86_400_000;

test('long ranges have ticks at round hours, days and months of the reader', () => {
  const midnight = new Date(2026, 10, 23).getTime();
  const days = timeTicks(midnight - 7 * DAY_MS, midnight, 700);
  expect(days.length).toBeGreaterThan(3);
  expect(days.every((atMs) => new Date(atMs).getHours() === 0)).toBe(true);
  expect(tickTexts(days)[0]).toMatch(/Nov/);
  const hours = timeTicks(midnight - DAY_MS, midnight, 700);
  expect(hours.every((atMs) => new Date(atMs).getHours() % 3 === 0)).toBe(true);
  const months = timeTicks(midnight - 365 * DAY_MS, midnight, 700);
  expect(months.length).toBeLessThanOrEqual(8);
  expect(months.every((atMs) => new Date(atMs).getDate() === 1)).toBe(true);
  expect(tickTexts(months)[0]).toMatch(/20\d\d/);
});

test('a tick alone has a date where the range has several days', () => {
  const midnight = new Date(2026, 10, 23).getTime();
  expect(tickTexts([midnight], 7 * DAY_MS)[0]).toMatch(/Nov/);
  expect(tickTexts([midnight], 15 * MINUTE_MS)[0]).not.toMatch(/Nov/);
});

test('ticks of days stay where they are while the range moves', () => {
  const fromMs = new Date(2026, 9, 20, 7).getTime(); // the clocks change on the 25th in Europe
  const ticks = (movedMs: number) => timeTicks(fromMs + movedMs, fromMs + movedMs + 30 * DAY_MS, 700);
  expect(ticks(DAY_MS)).toEqual(expect.arrayContaining(ticks(0).slice(1)));
});
