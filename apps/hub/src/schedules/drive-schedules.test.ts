import { createMemoryBus } from '@booner/bus/memory';
import { type RolloutHead, type RolloutId, scheduleSchema } from '@booner/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { ANYBODY } from '../access/principal.ts';
import { ScheduleDriver } from './drive-schedules.ts';
import { nextTimes } from './schedule-times.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['Date'] }));
afterEach(() => void vi.useRealTimers());

const MINUTE_MS = 60_000;
const say = vi.fn();

/**
 * Drives a schedule in Berlin over a span of time, a look each minute, and returns when it fired.
 * Rollouts end at once.
 */
async function driveOver(cron: string, from: string, to: string): Promise<readonly string[]> {
  vi.setSystemTime(Date.parse(from));
  const bus = createMemoryBus();
  await using leases = bus.startLeases({ hub: 'hub-1' });
  await using schedules = bus.startSchedules();
  const schedule = scheduleSchema.parse({ cron, timeZone: 'Europe/Berlin', action: 'backup', selector: '*' });
  const timed = { schedule, changedAtMs: Date.now() };
  await schedules.change(null, 'nightly', null, {
    ...{ name: 'nightly', ...timed, createdBy: null, credentialId: null, paused: null, queuedAtMs: null },
    ...{ nextAtMs: nextTimes(timed, Date.now(), 1)[0] ?? null, firings: [] },
  });
  const started = new Map<RolloutId, number>();
  const driver = new ScheduleDriver({
    bus: schedules,
    leases,
    rollouts: {
      readHead: async (id) =>
        started.has(id) ? ({ status: 'completed', endedAtMs: started.get(id) } as RolloutHead) : null,
    },
    start: async ({ id }) => {
      expect(started.has(id), 'a firing starts one rollout').toBe(false);
      started.set(id, Date.now());
      return { type: 'started', isNew: true, owner: ANYBODY };
    },
    isQuietAt: () => false,
    log: { info: say, warn: say, error: say } as never,
  });
  for (let atMs = Date.parse(from); atMs < Date.parse(to); atMs += MINUTE_MS) {
    vi.setSystemTime(atMs);
    await driver.tick();
  }
  const { firings } = (await schedules.readAll()).get('nightly')!.record;
  expect(firings.map(({ outcome }) => outcome)).toEqual(firings.map(() => 'started'));
  expect(firings).toHaveLength(started.size);
  return [...started.values()].map((atMs) => new Date(atMs).toISOString().slice(0, 16));
}

it.each([
  [
    'autumn, when 02:30 comes twice',
    '30 2 * * *',
    ['2026-10-24T00:00Z', '2026-10-27T00:00Z'],
    ['2026-10-24T00:30', '2026-10-25T00:30', '2026-10-26T01:30'],
  ],
  [
    'spring, when 02:30 does not come',
    '30 2 * * *',
    ['2027-03-27T00:00Z', '2027-03-30T00:00Z'],
    ['2027-03-27T01:30', '2027-03-28T01:00', '2027-03-29T00:30'],
  ],
  [
    'autumn, at an hour that comes once',
    '0 3 * * *',
    ['2026-10-24T00:00Z', '2026-10-27T00:00Z'],
    ['2026-10-24T01:00', '2026-10-25T02:00', '2026-10-26T02:00'],
  ],
  [
    'spring, at an hour that comes once',
    '0 3 * * *',
    ['2027-03-27T00:00Z', '2027-03-30T00:00Z'],
    ['2027-03-27T02:00', '2027-03-28T01:00', '2027-03-29T01:00'],
  ],
] as const)('a daily schedule in Berlin fires once a day in %s', async (_, cron, [from, to], expected) => {
  expect(await driveOver(cron, from, to)).toEqual(expected);
});
