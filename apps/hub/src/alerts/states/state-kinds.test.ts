import { parseHostId, type Target } from '@booner/protocol';
import { describe, expect, it } from 'vitest';
import type { StateFacts } from './state-kind.ts';
import { STATE_KINDS } from './state-kinds.ts';

const TARGET: Target = {
  host: parseHostId('10.0.0.2')!,
  status: 'active',
  label: null,
  system: { os: 'linux', arch: 'x64', gpu: null, version: '0.3.0' },
  firstSeenAtMs: 0,
  lastSeenAtMs: 0,
  clockSkewMs: null,
  conflictingInstances: null,
  quarantine: null,
  inventory: null,
  sample: null,
};
const facts = (target: Partial<Target> = {}, more: Partial<StateFacts> = {}): StateFacts => ({
  target: { ...TARGET, ...target },
  hubVersion: '0.3.0',
  endedTasks: [],
  longTasks: [],
  heartbeats: [],
  ...more,
});
const QUARANTINE = { sinceMs: 0, reason: 'floods', redisLine: null };

describe('a state', () => {
  it.each([
    ['offline', facts(), false],
    ['offline', facts({ status: 'offline' }), true],
    ['offline', facts({ status: 'pending' }), null],
    ['clock_skew', facts(), false],
    ['clock_skew', facts({ clockSkewMs: -7000 }), true],
    ['clock_skew', facts({ clockSkewMs: -7000, status: 'offline' }), null],
    ['agent_outdated', facts(), false],
    ['agent_outdated', facts({}, { hubVersion: '0.4.0' }), true],
    ['agent_outdated', facts({ system: undefined }), null],
    ['host_conflict', facts(), false],
    ['host_conflict', facts({ conflictingInstances: ['a', 'b'] }), true],
    ['host_conflict', facts({ status: 'offline' }), null],
    ['quarantined', facts(), false],
    ['quarantined', facts({ quarantine: QUARANTINE, status: 'offline' }), true],
    ['quarantined', facts({ quarantine: undefined }), null],
  ] as const)('%s', (kind, known, holds) => {
    expect(STATE_KINDS[kind].read(known)).toEqual([{ device: null, holds }]);
  });

  it('of tasks is one for each action', () => {
    const endedTasks = [
      { action: 'backup', hasFailed: true, isNews: true },
      { action: 'web.deploy', hasFailed: false, isNews: true },
      { action: 'old', hasFailed: true, isNews: false },
    ];
    expect(STATE_KINDS.task_failed.read(facts({}, { endedTasks }))).toEqual([
      { device: 'backup', holds: true },
      { device: 'web.deploy', holds: false },
      { device: 'old', holds: true, isOld: true },
    ]);
  });

  it('of slow tasks is unknown while nothing is known to be usual', () => {
    const slow = (...longTasks: StateFacts['longTasks']) =>
      STATE_KINDS.task_slow.read(facts({}, { longTasks })).map(({ device, holds }) => [device, holds]);
    const of = (isSlow: boolean | null) => ({ action: 'backup', isSlow });
    expect(slow()).toEqual([]);
    expect(slow(of(null))).toEqual([['backup', null]]);
    expect(slow(of(null), of(true))).toEqual([['backup', true]]);
    expect(slow(of(null), of(false))).toEqual([['backup', null]]);
    expect(slow(of(false), { action: 'deploy', isSlow: true })).toEqual([
      ['backup', false],
      ['deploy', true],
    ]);
  });

  it('of heartbeats is one for each', () => {
    const heartbeats = [
      { name: 'backup', isMissed: true },
      { name: 'certificates', isMissed: false },
    ];
    expect(STATE_KINDS.heartbeat_missed.read(facts({}, { heartbeats }))).toEqual([
      { device: 'backup', holds: true },
      { device: 'certificates', holds: false },
    ]);
  });

  it('has a title for people', () => {
    const titles = Object.values(STATE_KINDS).map(({ title }) => title);
    expect(new Set(titles).size).toBe(titles.length);
  });
});
