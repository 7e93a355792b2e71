import type { Firing, FleetState, RolloutHead, StoredSchedule } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { FleetFacts } from './state-kind.ts';
import { STATE_KINDS } from './state-kinds.ts';

const NOW_MS = Date.UTC(2026, 10, 30, 14);
const HOUR_MS = 3_600_000;

const ID = 'V1StGXR8_Z5jdHi6B-my';
const rollout = (letter: string, changes: Partial<RolloutHead>): RolloutHead =>
  ({
    id: `${ID}${letter}`,
    status: 'running',
    request: { action: 'web.deploy', selector: 'role=web' },
    createdAtMs: NOW_MS - 1000,
    ...{ endedAtMs: null, schedule: null, rollbackOf: null, batch: 0 },
    ...changes,
  }) as RolloutHead;
const firing = (changes: Partial<Firing>): Firing =>
  ({
    outcome: 'started',
    ...{ atMs: NOW_MS - 1000, dueAtMs: NOW_MS - 1000, endedAtMs: null, status: null, tookTooLong: false },
    ...changes,
  }) as Firing;
const schedule = (firings: readonly Firing[], enabled = true): StoredSchedule =>
  ({ name: 'nightly', schedule: { enabled }, firings }) as StoredSchedule;

const read = (state: FleetState, facts: Partial<FleetFacts>) =>
  STATE_KINDS[state].read({ nowMs: NOW_MS, rollouts: [], schedules: [], ...facts });
const ofSchedule = (state: FleetState, ...firings: Firing[]) =>
  read(state, { schedules: [schedule(firings)] }).map(({ holds, isOld }) => [holds, isOld === true]);

describe('a rollout', () => {
  const failed = rollout('a', { status: 'failed', createdAtMs: NOW_MS - 9000, endedAtMs: NOW_MS - 5000 });
  const readings = (...others: RolloutHead[]) => read('rollout_failed', { rollouts: [failed, ...others] });
  const device = `web.deploy ${ID}a`;

  it('that failed counts until another one has done the same, or rolled it back', () => {
    expect(readings()).toEqual([{ device, holds: true }]);
    const again = { status: 'completed', endedAtMs: NOW_MS } as const;
    expect(readings(rollout('b', again))).toEqual([{ device, holds: false }]);
    expect(readings(rollout('b', { ...again, createdAtMs: 0 }))).toEqual([{ device, holds: true }]);
    const request = { action: 'web.deploy', selector: 'role=db' } as RolloutHead['request'];
    expect(readings(rollout('b', { ...again, request }))).toEqual([{ device, holds: true }]);
    expect(readings(rollout('b', { ...again, request, rollbackOf: failed.id }))).toEqual([
      { device, holds: false },
    ]);
    expect(readings(rollout('b', { status: 'running' }))).toEqual([{ device, holds: true }]);
  });

  it('that failed long ago opens no alert', () => {
    const old = { ...failed, endedAtMs: NOW_MS - 2 * HOUR_MS };
    expect(read('rollout_failed', { rollouts: [old] })).toEqual([{ device, holds: true, isOld: true }]);
  });

  it('of a schedule counts as the schedule, which has one alert however often it fails', () => {
    expect(readings(rollout('b', { status: 'failed', schedule: 'nightly' }))).toHaveLength(1);
    const ended = { endedAtMs: NOW_MS };
    const bad = firing({ status: 'failed', ...ended });
    const good = firing({ status: 'completed', ...ended });
    const running = firing({ status: 'running' });
    expect(ofSchedule('rollout_failed', bad, good)).toEqual([[true, false]]);
    expect(ofSchedule('rollout_failed', running, bad, good)).toEqual([[true, false]]);
    expect(ofSchedule('rollout_failed', good, bad)).toEqual([[false, false]]);
    expect(ofSchedule('rollout_failed', firing({ outcome: 'missed' }))).toEqual([]);
  });

  it('waits for each approval on its own, and is paused', () => {
    const waiting = rollout('a', { status: 'waiting_for_approval', batch: 2 });
    const paused = rollout('b', { status: 'paused' });
    const rollouts = [waiting, paused];
    expect(read('rollout_approval', { rollouts })).toEqual([{ device: `${device} batch 3`, holds: true }]);
    expect(read('rollout_paused', { rollouts })).toEqual([{ device: `web.deploy ${ID}b`, holds: true }]);
  });
});

describe('a schedule', () => {
  const missed = firing({ outcome: 'missed' });
  const refused = firing({ outcome: 'refused' });
  const skipped = firing({ outcome: 'skipped' });
  const started = firing({});

  it('did not start until it starts again, for ten minutes at least', () => {
    expect(ofSchedule('schedule_missed', missed)).toEqual([[true, false]]);
    expect(ofSchedule('schedule_missed', skipped, refused)).toEqual([[true, false]]);
    expect(ofSchedule('schedule_missed', started, missed)).toEqual([[true, false]]);
    const before = firing({ outcome: 'missed', atMs: NOW_MS - 11 * 60_000 });
    expect(ofSchedule('schedule_missed', started, before)).toEqual([[false, false]]);
    expect(ofSchedule('schedule_missed', before)).toEqual([[true, false]]);
    expect(ofSchedule('schedule_missed', firing({ outcome: 'missed', atMs: 0 }))).toEqual([[true, true]]);
    expect(read('schedule_missed', { schedules: [schedule([missed], false)] })).toEqual([]);
    expect(ofSchedule('schedule_missed', skipped)).toEqual([]);
  });

  it('took too long until a rollout of it ends in time', () => {
    const slow = firing({ tookTooLong: true });
    const quick = firing({ endedAtMs: NOW_MS, status: 'completed' });
    expect(ofSchedule('schedule_slow', slow, quick)).toEqual([[true, false]]);
    expect(ofSchedule('schedule_slow', started, { ...slow, endedAtMs: NOW_MS })).toEqual([[true, false]]);
    expect(ofSchedule('schedule_slow', quick, slow)).toEqual([[false, false]]);
    expect(ofSchedule('schedule_slow', started)).toEqual([]);
  });
});
