import type { QuietTime } from '@booner/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findCronIssue } from './cron-spans.ts';
import { quietAt } from './quiet-at.ts';

const ALL_DAYS = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const;
type Weekly = Extract<QuietTime, { type: 'weekly' }>;
const daily = (from: string, to: string): Weekly => ({ type: 'weekly', days: [...ALL_DAYS], from, to });

/** Returns when the first quiet span from `from` on starts and ends, and its hours. */
function firstQuiet(from: string, timeZone: string, ...times: QuietTime[]) {
  const before = quietAt({ times, timeZone }, Date.parse(from));
  expect(before.isQuiet).toBe(false);
  const quiet = quietAt({ times, timeZone }, before.untilMs);
  const text = (ms: number) => new Date(ms).toISOString().slice(0, 16);
  const hours = (quiet.untilMs - before.untilMs) / 3_600_000;
  return [text(before.untilMs), text(quiet.untilMs), hours];
}

describe('quiet nights', () => {
  it('are by the clock on the wall, on the days on which they start', () => {
    const friday: Weekly = { ...daily('22:00', '07:00'), days: ['fri'] };
    expect(firstQuiet('2026-11-30T00:00Z', 'Europe/Berlin', friday)).toEqual([
      '2026-12-04T21:00',
      '2026-12-05T06:00',
      9,
    ]);
    expect(firstQuiet('2026-11-30T00:00Z', 'America/New_York', friday)).toEqual([
      '2026-12-05T03:00',
      '2026-12-05T12:00',
      9,
    ]);
  });

  it('are an hour shorter when clocks go forward, and longer when they go back', () => {
    const nights = daily('22:00', '07:00');
    expect(firstQuiet('2026-03-28T12:00Z', 'Europe/Berlin', nights)).toEqual([
      '2026-03-28T21:00',
      '2026-03-29T05:00',
      8,
    ]);
    expect(firstQuiet('2026-10-24T12:00Z', 'Europe/Berlin', nights)).toEqual([
      '2026-10-24T20:00',
      '2026-10-25T06:00',
      10,
    ]);
  });

  it('move forward with a time that is skipped, and cover both of a time that happens twice', () => {
    // 02:00 to 03:00 does not exist on 29 March; 02:00 to 03:00 happens twice on 25 October.
    expect(firstQuiet('2026-03-28T12:00Z', 'Europe/Berlin', daily('02:15', '02:45'))).toEqual([
      '2026-03-29T01:15',
      '2026-03-29T01:45',
      0.5,
    ]);
    expect(firstQuiet('2026-10-24T12:00Z', 'Europe/Berlin', daily('02:15', '02:45'))).toEqual([
      '2026-10-25T00:15',
      '2026-10-25T01:45',
      1.5,
    ]);
  });

  it('are right where clocks change at midnight, or by half an hour', () => {
    // Clocks in Chile go from 24:00 to 01:00 on 6 September 2026; on Lord Howe by 30 minutes.
    expect(firstQuiet('2026-09-05T12:00Z', 'America/Santiago', daily('23:00', '01:30')).at(-1)).toBe(1.5);
    expect(firstQuiet('2026-10-03T02:00Z', 'Australia/Lord_Howe', daily('23:00', '05:00')).at(-1)).toBe(5.5);
  });

  it('that contain others are one', () => {
    expect(firstQuiet('2026-12-01T12:00Z', 'UTC', daily('20:00', '06:00'), daily('22:00', '23:00'))).toEqual([
      '2026-12-01T20:00',
      '2026-12-02T06:00',
      10,
    ]);
  });

  it('that touch are one', () => {
    expect(firstQuiet('2026-12-01T12:00Z', 'UTC', daily('20:00', '00:00'), daily('00:00', '06:00'))).toEqual([
      '2026-12-01T20:00',
      '2026-12-02T06:00',
      10,
    ]);
  });

  it('without an end last for days', () => {
    expect(quietAt({ times: [daily('00:00', '00:00')], timeZone: 'UTC' }, 0).untilMs).toBe(8 * 86_400_000);
  });

  it('give an answer that holds until it says, for any time', () => {
    const clock = fc
      .tuple(fc.nat(23), fc.nat(59))
      .map((parts) => parts.map((part) => `${part}`.padStart(2, '0')).join(':'));
    const times = fc.array(
      fc.record({
        type: fc.constant('weekly' as const),
        days: fc.subarray([...ALL_DAYS], { minLength: 1 }),
        from: clock,
        to: clock,
      }),
      { minLength: 1, maxLength: 3 },
    );
    const timeZone = fc.constantFrom('UTC', 'Europe/Berlin', 'America/Santiago', 'Asia/Kolkata');
    const atMs = fc.integer({ min: Date.UTC(2026, 0), max: Date.UTC(2027, 0) });
    fc.assert(
      fc.property(
        times,
        timeZone,
        atMs,
        fc.double({ min: 0, max: 1, noNaN: true }),
        (times, timeZone, atMs, part) => {
          const answer = quietAt({ times, timeZone }, atMs);
          expect(answer.untilMs).toBeGreaterThan(atMs);
          const between = Math.floor(atMs + part * (answer.untilMs - 1 - atMs));
          expect(quietAt({ times, timeZone }, between).isQuiet).toBe(answer.isQuiet);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('maintenance windows', () => {
  it('happen once', () => {
    const window = {
      type: 'once',
      from: '2026-12-24T18:00:00+01:00',
      until: '2026-12-27T08:00:00+01:00',
    } as const;
    expect(firstQuiet('2026-12-20T00:00Z', 'UTC', window)).toEqual([
      '2026-12-24T17:00',
      '2026-12-27T07:00',
      62,
    ]);
    const after = quietAt({ times: [window], timeZone: 'UTC' }, Date.parse('2026-12-27T07:00Z'));
    expect(after.isQuiet).toBe(false);
  });

  it('come back by a cron expression, such as on patch days', () => {
    const patchDay = { type: 'cron', cron: '0 2 * * TUE#2', for: '3h' } as const;
    expect(firstQuiet('2026-12-05T00:00Z', 'Europe/Berlin', patchDay)).toEqual([
      '2026-12-08T01:00',
      '2026-12-08T04:00',
      3,
    ]);
    expect(quietAt({ times: [patchDay], timeZone: 'UTC' }, Date.parse('2026-12-08T04:59Z')).isQuiet).toBe(
      true,
    );
  });

  it.each([
    ['0 2 * * TUE#2', null],
    ['*/5 * * * *', null],
    ['0 2 * *', 'must be a cron expression'],
    ['61 2 * * *', 'must be a cron expression'],
    ['0 0 2 * * *', 'must be a cron expression'],
    ['0 0 31 2 *', 'never happens'],
  ])('have a valid cron expression: %s', (cron, issue) => {
    if (issue === null) expect(findCronIssue(cron)).toBeNull();
    else expect(findCronIssue(cron)).toContain(issue);
  });
});
