import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ChannelLane } from './channel-lane.ts';

const FAILED = { retryAfterMs: null };

function startLane(random = 1) {
  const reports: boolean[] = [];
  const lane = new ChannelLane({ random: () => random, onFailing: (isFailing) => reports.push(isFailing) });
  const fail = (atMs: number, times = 1) => {
    for (let time = 0; time < times; time++) {
      expect(lane.enter(atMs)).toBe(0);
      lane.leave(FAILED, atMs);
    }
  };
  return { lane, reports, fail };
}

it('lets four attempts in at a time', () => {
  const { lane } = startLane();
  expect([1, 2, 3, 4].map(() => lane.enter(0))).toEqual([0, 0, 0, 0]);
  expect(lane.enter(0)).toBe(1000);
  lane.leave('worked', 5);
  expect(lane.enter(5)).toBe(0);
});

it('pauses after five failures in a row, then lets single probes in after pauses that double', () => {
  const { lane, reports, fail } = startLane();
  fail(0, 4);
  lane.enter(0);
  lane.leave('worked', 0);
  fail(0, 5);
  expect(reports).toEqual([true]);
  expect(lane.enter(0)).toBe(10_000);
  expect(lane.enter(4000)).toBe(6000);
  expect(lane.enter(10_000)).toBe(0);
  expect(lane.enter(10_000)).toBe(1000);
  lane.leave(FAILED, 20_000);
  expect(lane.enter(20_000)).toBe(20_000);
  fail(40_000);
  expect(lane.enter(40_000)).toBe(40_000);
  expect(lane.enter(80_000)).toBe(0);
  lane.leave('worked', 80_000);
  expect(reports).toEqual([true, false]);
  expect([1, 2].map(() => lane.enter(80_000))).toEqual([0, 0]);
});

it('pauses no longer than five minutes, and by chance for half of that', () => {
  for (const [random, pauseMs] of [
    [1, 300_000],
    [0, 150_000],
  ] as const) {
    const { lane, fail } = startLane(random);
    let nowMs = 0;
    fail(nowMs, 5);
    for (let probe = 0; probe < 20; probe++) {
      nowMs += lane.enter(nowMs);
      fail(nowMs);
    }
    expect(lane.enter(nowMs)).toBe(pauseMs);
  }
});

it('pauses for as long as the other side asks', () => {
  const { lane, reports } = startLane();
  lane.enter(0);
  lane.leave({ retryAfterMs: 30_000 }, 0);
  expect(lane.enter(0)).toBe(30_000);
  expect(lane.enter(30_000)).toBe(0);
  lane.leave('worked', 30_000);
  expect(reports).toEqual([]);
});

it('does not take a place that was not used for a failure or for a recovery', () => {
  const { lane, fail } = startLane();
  fail(0, 5);
  expect(lane.enter(10_000)).toBe(0);
  lane.leave('unused', 10_000);
  expect([lane.enter(10_000), lane.enter(10_000)]).toEqual([0, 1000]);
});

it('lets an attempt in after the time that it named, whatever happened before', () => {
  const step = fc.record({
    fails: fc.boolean(),
    retryAfterMs: fc.option(fc.nat(100_000)),
    tookMs: fc.nat(30_000),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { lane } = startLane(0.5);
      let nowMs = 0;
      for (const { fails, retryAfterMs, tookMs } of steps) {
        const waitMs = lane.enter(nowMs);
        nowMs += waitMs;
        if (waitMs > 0) expect(lane.enter(nowMs)).toBe(0);
        nowMs += tookMs;
        lane.leave(fails ? { retryAfterMs } : 'worked', nowMs);
      }
    }),
  );
});
