import {
  MAX_FIRINGS,
  type RolloutHead,
  type RolloutId,
  type Schedule,
  type StoredSchedule,
  scheduleSchema,
} from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it, test } from 'vitest';
import { advanceSchedule, isUnderWay, refuseFiring, type ScheduleView } from './advance-schedule.ts';
import { describeTimes, findCronIssue, jitterMs, nextTimes } from './schedule-times.ts';

const START_MS = Date.parse('2026-06-01T00:00:00Z');
const MINUTE_MS = 60_000;

function createWorld(given: Partial<Schedule>) {
  const schedule = scheduleSchema.parse({ every: '1m', action: 'backup', selector: '*', ...given });
  const timed = { schedule, changedAtMs: START_MS };
  let stored: StoredSchedule = {
    ...{ name: 'nightly', schedule, createdBy: null, credentialId: null, changedAtMs: START_MS },
    ...{ nextAtMs: nextTimes(timed, START_MS, 1)[0] ?? null, paused: null, queuedAtMs: null, firings: [] },
  };
  const rollouts = new Map<RolloutId, Pick<RolloutHead, 'status' | 'endedAtMs'>>();
  const world = {
    nowMs: START_MS,
    quiet: false,
    rollouts,
    stored: () => stored,
    outcomes: () => stored.firings.map(({ outcome }) => outcome),
    end: () => {
      for (const id of rollouts.keys()) rollouts.set(id, { status: 'completed', endedAtMs: world.nowMs });
    },
    /** One look of a hub, which dies before it creates the rollouts if `dies`. */
    look: (dies = false) => {
      const view: ScheduleView = {
        nowMs: world.nowMs,
        nextAfter: (atMs) => nextTimes(timed, atMs, 1)[0] ?? null,
        jitterOf: (dueAtMs) => jitterMs('nightly', dueAtMs, schedule),
        isQuiet: () => world.quiet,
        rolloutOf: (id) => rollouts.get(id) ?? null,
        rolloutIdOf: (dueAtMs) => `rollout-${dueAtMs}` as RolloutId,
      };
      const step = advanceSchedule(stored, view);
      stored = step.stored;
      if (dies) return;
      for (const { rolloutId } of step.start)
        rollouts.set(rolloutId as RolloutId, { status: 'running', endedAtMs: null });
    },
    refuse: (paused: string | null) => {
      const [firing] = stored.firings;
      stored = refuseFiring(stored, firing!, { detail: 'no right', paused, nowMs: world.nowMs });
    },
  };
  return world;
}

describe('a schedule', () => {
  it('fires at its time, once, whatever dies in between', () => {
    const world = createWorld({});
    world.look();
    expect(world.stored().firings).toEqual([]);
    world.nowMs += MINUTE_MS;
    for (const dies of [true, true, false, false]) world.look(dies);
    expect(world.rollouts.size).toBe(1);
    world.end();
    world.nowMs += MINUTE_MS;
    world.look();
    expect(world.outcomes()).toEqual(['started', 'started']);
    expect(world.stored().firings[1]).toMatchObject({ status: 'completed', endedAtMs: expect.any(Number) });
  });

  it('skips a firing while the one before runs, or makes it afterwards', () => {
    const skipping = createWorld({});
    const queueing = createWorld({ overlap: 'queue' });
    for (const world of [skipping, queueing]) {
      for (let minute = 0; minute < 4; minute += 1) {
        world.nowMs += MINUTE_MS;
        world.look();
      }
      world.end();
      world.nowMs += 1000;
      world.look();
    }
    expect(skipping.outcomes()).toEqual(['skipped', 'skipped', 'skipped', 'started']);
    expect(queueing.outcomes()).toEqual(['started', 'skipped', 'skipped', 'started']);
    expect(queueing.stored().firings[0]?.dueAtMs).toBe(START_MS + 2 * MINUTE_MS);
  });

  it('starts no second rollout, however many firings it skips meanwhile', () => {
    const world = createWorld({});
    for (let minute = 0; minute < 3 * MAX_FIRINGS; minute += 1) {
      world.nowMs += MINUTE_MS;
      world.look();
    }
    expect(world.rollouts.size).toBe(1);
    expect(world.stored().firings).toHaveLength(MAX_FIRINGS);
    world.end();
    world.nowMs += MINUTE_MS;
    world.look();
    expect(world.rollouts.size).toBe(2);
  });

  it.each([
    ['none', ['missed', 'missed', 'missed'], 0],
    ['last', ['started', 'missed', 'missed'], 1],
  ] as const)('after an outage catches up on %s', (catchUp, outcomes, rollouts) => {
    const world = createWorld({ every: '10m', catchUp });
    world.nowMs += 35 * MINUTE_MS;
    world.look();
    expect(world.outcomes()).toEqual(outcomes);
    expect(world.rollouts.size).toBe(rollouts);
    world.nowMs += 5 * MINUTE_MS;
    world.end();
    world.look();
    expect(world.outcomes()[0]).toBe('started');
  });

  it('does not fire in quiet hours, disabled, paused, or a second time if it is one-off', () => {
    const quiet = createWorld({});
    quiet.quiet = true;
    const disabled = createWorld({ enabled: false });
    const once = createWorld({ every: undefined, at: '2026-06-01T00:00:30Z' });
    for (const world of [quiet, disabled, once]) {
      world.nowMs += MINUTE_MS;
      world.look();
      world.end();
      world.nowMs += MINUTE_MS;
      world.look();
    }
    expect(quiet.outcomes()).toEqual(['quiet', 'quiet']);
    expect(disabled.outcomes()).toEqual([]);
    expect(once.outcomes()).toEqual(['started']);

    const refused = createWorld({});
    refused.nowMs += MINUTE_MS;
    refused.look(true);
    refused.refuse('its owner lost the right');
    refused.nowMs += MINUTE_MS;
    refused.look();
    expect(refused.outcomes()).toEqual(['refused']);
    expect(refused.stored()).toMatchObject({ paused: 'its owner lost the right', nextAtMs: null });
  });

  it('shows what took too long, while it runs and afterwards', () => {
    const world = createWorld({ tooLongSeconds: 30 });
    world.nowMs += MINUTE_MS;
    world.look();
    world.nowMs += 31_000;
    world.look();
    expect(world.stored().firings[0]).toMatchObject({ tookTooLong: true, endedAtMs: null });
    world.end();
    world.look();
    expect(world.stored().firings[0]).toMatchObject({ tookTooLong: true, endedAtMs: world.nowMs });
  });

  it('handles each time once, and has at most one rollout under way', () => {
    fc.assert(
      fc.property(
        fc.record({
          overlap: fc.constantFrom('skip', 'queue'),
          catchUp: fc.constantFrom('none', 'last'),
          jitterSeconds: fc.constantFrom(0, 30),
        }) as fc.Arbitrary<Partial<Schedule>>,
        fc.array(fc.record({ waitMs: fc.nat(180_000), dies: fc.boolean(), ends: fc.boolean() }), {
          maxLength: 18,
        }),
        (given, events) => {
          const world = createWorld(given);
          for (const { waitMs, dies, ends } of events) {
            world.nowMs += waitMs;
            if (ends) world.end();
            world.look(dies);
            const running = [...world.rollouts.values()].filter(({ status }) => status === 'running');
            expect(running.length).toBeLessThanOrEqual(1);
            expect(world.stored().firings.filter(isUnderWay).length).toBeLessThanOrEqual(1);
          }
          const due = world.stored().firings.map(({ dueAtMs }) => dueAtMs);
          expect(new Set(due).size).toBe(due.length);
        },
      ),
      { numRuns: 200 },
    );
  });
});

test.each([
  [
    'skips 02:30 in spring, so it comes at 03:00',
    '30 2 * * *',
    '2026-03-28T12:00:00Z',
    ['2026-03-29T01:00', '2026-03-30T00:30'],
  ],
  [
    'has 02:30 twice in autumn, and fires once',
    '30 2 * * *',
    '2026-10-24T12:00:00Z',
    ['2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'fires each hour that there is',
    '0 * * * *',
    '2026-10-24T23:30:00Z',
    ['2026-10-25T00:00', '2026-10-25T01:00'],
  ],
  ['knows 29 February', '0 3 29 2 *', '2026-01-01T00:00:00Z', ['2028-02-29T02:00', '2032-02-29T02:00']],
  ['knows seconds', '15 0 3 * * *', '2026-06-01T00:00:00Z', ['2026-06-01T01:00', '2026-06-02T01:00']],
] as const)('a clock in Berlin %s', (_, cron, after, expected) => {
  const schedule = scheduleSchema.parse({ cron, timeZone: 'Europe/Berlin', action: 'backup', selector: '*' });
  const times = nextTimes({ schedule, changedAtMs: 0 }, Date.parse(after), 2);
  expect(times.map((time) => new Date(time).toISOString().slice(0, 16))).toEqual(expected);
});

test('times are said in words, and bad expressions are refused', async () => {
  const schedule = (given: object) => scheduleSchema.parse({ action: 'backup', selector: '*', ...given });
  expect(await describeTimes(schedule({ cron: '0 3 * * *', timeZone: 'Europe/Berlin' }))).toBe(
    'At 03:00, every day (Europe/Berlin)',
  );
  expect(await describeTimes(schedule({ every: '15m' }))).toBe('Every 15m');
  expect(findCronIssue('0 3 * * *')).toBeNull();
  for (const bad of ['0 3 * *', '61 * * * *', '@daily', 'x y z a b', '0 0 30 2 * * *'])
    expect(findCronIssue(bad), bad).not.toBeNull();
  expect(scheduleSchema.safeParse({ action: 'backup', selector: '*' }).success).toBe(false);
  expect(
    scheduleSchema.safeParse({ cron: '* * * * *', every: '1m', action: 'a', selector: '*' }).success,
  ).toBe(false);
  expect(scheduleSchema.safeParse({ cron: '* * * * *', action: 'a' }).success).toBe(false);
});
