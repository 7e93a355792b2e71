import { expect, it } from 'vitest';
import { ClockGuard } from './clock-guard.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const YEAR_MS = 365 * DAY_MS;

/** A guard and its clocks. `wait` lets time pass, `set` moves the wall clock alone. */
function startGuard({ isContinued = true } = {}) {
  const guard = new ClockGuard();
  const now = { wallMs: Date.UTC(2026, 5, 1), monotonicMs: 1000 };
  const history = { isContinued };
  const look = () => guard.look({ ...now }, () => history.isContinued);
  look();
  return {
    history,
    look,
    wait(ms: number) {
      now.wallMs += ms;
      now.monotonicMs += ms;
      return look();
    },
    set(ms: number) {
      now.wallMs += ms;
      return look();
    },
  };
}

it('trusts a clock that goes on, drifts, or is set back', () => {
  const clock = startGuard();
  for (let hour = 0; hour < 100; hour++) {
    expect(clock.wait(HOUR_MS)).toBeNull();
    expect(clock.set(HOUR_MS / 2)).toBeNull();
  }
  expect(clock.set(-YEAR_MS)).toBeNull();
});

it('doubts a clock that jumped ahead by over an hour, for 24 h', () => {
  const clock = startGuard();
  expect(clock.set(10 * YEAR_MS)).toBe('the clock jumped ahead by 87600 h');
  expect(clock.wait(DAY_MS - 1)).not.toBeNull();
  expect(clock.wait(1)).toBeNull();
});

it('doubts it for 24 h from the last jump', () => {
  const clock = startGuard();
  clock.set(2 * HOUR_MS);
  clock.wait(23 * HOUR_MS);
  expect(clock.set(YEAR_MS)).toBe('the clock jumped ahead by 2 h');
  expect(clock.wait(23 * HOUR_MS)).not.toBeNull();
  expect(clock.wait(HOUR_MS)).toBeNull();
});

it('trusts a clock that comes back to where the history goes on, and no other', () => {
  const clock = startGuard();
  clock.set(10 * YEAR_MS);
  clock.history.isContinued = false;
  expect(clock.set(-5 * YEAR_MS)).not.toBeNull();
  clock.history.isContinued = true;
  expect(clock.wait(HOUR_MS)).not.toBeNull();
  expect(clock.set(-5 * YEAR_MS)).toBeNull();
});

it('doubts the clock of a start after which the history does not go on, until it is set', () => {
  const clock = startGuard({ isContinued: false });
  expect(clock.look()).toMatch(/the hub was off, or its clock is wrong/);
  clock.history.isContinued = true;
  expect(clock.wait(HOUR_MS)).not.toBeNull();
  expect(clock.set(-YEAR_MS)).toBeNull();
});
