import type { AlertChange, Lease } from '@booner/bus';
import {
  type AlertEffect,
  type AlertRuleInput,
  alertRuleSchema,
  type HostId,
  type Measurements,
  type MuteReason,
  NOTHING_MEASURED,
  parseHostId,
  type Sample,
  type StoredSchedule,
} from '@booner/protocol';
import { ALL_SHARDS, shardOf } from '@booner/protocol/shard';
import { describe, expect, it } from 'vitest';
import { Fleet } from '../../fleet/fleet.ts';
import { AlertBoard, alertKeyText } from '../board/alert-board.ts';
import type { StateFacts } from '../states/state-kind.ts';
import { ActiveRules } from './active-rules.ts';
import type { SubmitOutcome } from './change-queue.ts';
import { Evaluator } from './evaluator.ts';

const HOST = parseHostId('10.0.0.2')!;
const START_MS = Date.UTC(2026, 10, 30);

const CPU: AlertRuleInput = {
  name: 'cpu',
  selector: '*',
  when: { metric: 'cpuUsageRatio', function: 'last', over: '1m' },
  warn: { on: 0.8, off: 0.7 },
  channels: ['ops'],
};
const DISK: AlertRuleInput = {
  ...CPU,
  name: 'disk',
  when: { metric: 'fileSystemUsageRatio', function: 'last', over: '1m' },
};
const OFFLINE: AlertRuleInput = { name: 'down', selector: '*', when: { state: 'offline' } };
const MISSED: AlertRuleInput = { name: 'missed', selector: '*', when: { state: 'schedule_missed' } };
/** A schedule whose last firing was missed. */
const missed = (name: string): StoredSchedule =>
  ({ name, schedule: { enabled: true }, firings: [{ outcome: 'missed', atMs: START_MS }] }) as never;
const TASKS: AlertRuleInput = { name: 'tasks', selector: '*', when: { state: 'task_failed' } };

const cpu = (usageRatio: number): Partial<Measurements> => ({
  cpu: { ...{ usageRatio, userRatio: 0, systemRatio: 0, iowaitRatio: 0, stealRatio: 0 }, cores: [] } as never,
});
const disks = (used: Readonly<Record<string, number>>): Partial<Measurements> => ({
  fileSystems: Object.entries(used).map(([mountPoint, usedBytes]) => ({
    ...{ mountPoint, device: '/dev/sda1', type: 'ext4', totalBytes: 100 },
    ...{ usedBytes, availableBytes: 100 - usedBytes, inodesTotal: null, inodesUsed: null },
  })),
});

/** An evaluator on a clock that the test moves, with stored alerts that other hubs can change. */
function startEvaluator(
  rules: readonly AlertRuleInput[],
  options: { readonly isReady?: () => boolean } = {},
) {
  let nowMs = START_MS;
  const fleet = new Fleet({
    intervalMs: 3000,
    now: () => ({ monotonicMs: nowMs - START_MS, wallMs: nowMs }),
  });
  fleet.onCatchUp([], new Map());
  const active = new ActiveRules();
  const setRules = (inputs: readonly AlertRuleInput[]) =>
    active.update(
      inputs.map((rule) => ({ rule: alertRuleSchema.parse(rule), source: 'stored', file: null })),
    );
  setRules(rules);
  const stored = new Map<string, string>();
  const submitted: AlertChange[] = [];
  const effects: AlertEffect[] = [];
  const state = {
    isHeld: true,
    mutes: [] as MuteReason[],
    /** Answer to the next changes instead of storing them. */
    outcome: null as SubmitOutcome | null,
    endedTasks: [] as StateFacts['endedTasks'],
    longTasks: [] as StateFacts['longTasks'],
    heartbeats: [] as StateFacts['heartbeats'],
  };
  const submit = async (_shard: unknown, _lease: unknown, change: AlertChange): Promise<SubmitOutcome> => {
    submitted.push(change);
    await Promise.resolve();
    if (state.outcome !== null) return state.outcome;
    const key = alertKeyText(change.key);
    const current = stored.get(key) ?? null;
    if (current !== change.before) {
      return {
        type: 'conflict',
        current: current === null ? null : { alert: JSON.parse(current), text: current },
      };
    }
    const text = change.after === null ? null : JSON.stringify(change.after);
    if (text === null) stored.delete(key);
    else stored.set(key, text);
    effects.push(
      ...change.inputs.filter(({ input }) => input.use === 'collect').map(({ input }) => input.effect),
    );
    return { type: 'changed', text };
  };
  const board = new AlertBoard();
  const watched: string[] = [];
  const evaluator = new Evaluator({
    fleet,
    leases: {
      leaseOf: (shard): Lease | null => (state.isHeld ? { shard, hub: 'a', epoch: 1 } : null),
    },
    rules: active,
    board,
    mutes: { reasons: () => state.mutes },
    changes: { submit },
    factsOf: () => ({
      endedTasks: state.endedTasks,
      longTasks: state.longTasks,
      heartbeats: state.heartbeats,
    }),
    isReady: options.isReady ?? (() => true),
    hubVersion: '0.3.0',
    nowMs: () => nowMs,
    onWatched: ({ subject }) => watched.push(subject.host),
  });
  evaluator.gain(ALL_SHARDS);
  let sequence = 0;
  const settle = () => new Promise<void>((resolve) => setImmediate(resolve));
  return {
    ...{ evaluator, fleet, stored, submitted, effects, state, board, watched, setRules, settle },
    /** What people would be notified of since the last call. */
    news: () =>
      effects.splice(0).map(({ type, rule, device }) => [type, rule, device].filter(Boolean).join(' ')),
    at: (seconds: number) => {
      nowMs = START_MS + seconds * 1000;
    },
    async sample(seconds: number, measured: Partial<Measurements>, host: HostId = HOST) {
      nowMs = START_MS + seconds * 1000;
      const sample = {
        ...{
          type: 'sample',
          host,
          instance: 'a',
          sequence: sequence++,
          sampledAtMs: nowMs,
          intervalMs: 3000,
        },
        ...{ inventoryTakenAtMs: null, ...NOTHING_MEASURED, ...measured },
      } as Sample;
      fleet.onSample(sample, JSON.stringify(sample));
      evaluator.evaluate(host, sample);
      await settle();
    },
    async tick(seconds: number) {
      nowMs = START_MS + seconds * 1000;
      for (const host of evaluator.timed()) evaluator.evaluate(host, null);
      await settle();
    },
    goOffline(host: HostId = HOST) {
      fleet.onBye(host, { type: 'bye', instance: 'a' } as never);
    },
  };
}

describe('the evaluation of a host', () => {
  it('stores a change with its episode, inputs and group', async () => {
    const { sample, submitted, news, stored } = startEvaluator([CPU]);
    await sample(0, cpu(0.5));
    expect(submitted).toEqual([]);
    await sample(3, cpu(0.9));
    expect(news()).toEqual(['open cpu']);
    expect(submitted[0]).toMatchObject({
      key: { rule: 'cpu', host: HOST, device: null },
      before: null,
      after: { reading: 0.9, changedAtMs: START_MS + 3000 },
      inputs: [{ input: { group: '["rule","cpu",null]', use: 'collect', effect: { channels: ['ops'] } } }],
      ended: null,
    });
    await sample(6, cpu(0.95));
    expect(submitted).toHaveLength(1);
    await sample(9, cpu(0.6));
    expect(news()).toEqual(['resolve cpu']);
    expect(submitted[1]?.ended).toMatchObject({
      startedAtMs: START_MS + 3000,
      endedAtMs: START_MS + 9000,
      notifiedAtMs: START_MS + 3000,
    });
    expect([...stored.values()].map((text) => JSON.parse(text).memory.episode)).toEqual([null]);
  });

  it('follows each device on its own, also when it is gone', async () => {
    const { sample, news, submitted } = startEvaluator([DISK]);
    await sample(0, disks({ '/': 95, '/srv': 10 }));
    expect(news()).toEqual(['open disk /']);
    await sample(3, disks({ '/': 10, '/srv': 99 }));
    expect(news()).toEqual(['resolve disk /', 'open disk /srv']);
    await sample(130, disks({ '/': 10 }));
    expect(news()).toEqual([]);
    const unknown = submitted.findLast(({ key }) => key.device === '/srv')?.after;
    expect(unknown?.memory).toMatchObject({
      unknownSinceMs: START_MS + 130_000,
      episode: { notified: 'warn' },
    });
    await sample(130 + 86_500, disks({ '/': 10 }));
    await sample(133 + 86_500, disks({ '/': 10 }));
    expect(news()).toEqual(['resolve disk /srv']);
  });

  it('evaluates nothing of shards that this hub does not hold, or before everything was read', async () => {
    let isReady = false;
    const { sample, state, submitted, evaluator } = startEvaluator([CPU], { isReady: () => isReady });
    await sample(0, cpu(0.9));
    isReady = true;
    state.isHeld = false;
    await sample(3, cpu(0.9));
    state.isHeld = true;
    evaluator.lose([shardOf(HOST)]);
    await sample(6, cpu(0.9));
    expect(submitted).toEqual([]);
    evaluator.gain([shardOf(HOST)]);
    await sample(9, cpu(0.9));
    expect(submitted).toHaveLength(1);
  });

  it.each(['not_held', 'failed'] as const)('decides again after a change that was %s', async (type) => {
    const { sample, state, news, submitted } = startEvaluator([CPU]);
    state.outcome = { type };
    await sample(0, cpu(0.9));
    expect(news()).toEqual([]);
    state.outcome = null;
    await sample(3, cpu(0.9));
    expect(news()).toEqual(['open cpu']);
    expect(submitted).toHaveLength(2);
  });

  it('goes on from what another hub stored, and says nothing twice', async () => {
    const first = startEvaluator([CPU]);
    await first.sample(0, cpu(0.9));
    const second = startEvaluator([CPU]);
    for (const [key, text] of first.stored) second.stored.set(key, text);
    // It does not know yet what the first one stored just before.
    await second.sample(3, cpu(0.9));
    expect(second.news()).toEqual([]);
    await second.sample(6, cpu(0.5));
    expect(second.news()).toEqual(['resolve cpu']);
    expect(second.submitted.map(({ ended }) => ended?.startedAtMs)).toEqual([undefined, START_MS]);
  });

  it('adopts the alerts of shards that it gains', async () => {
    const first = startEvaluator([CPU]);
    await first.sample(0, cpu(0.9));
    const second = startEvaluator([CPU]);
    const alerts = [...first.stored].map(([key, text]) => {
      second.stored.set(key, text);
      return { alert: JSON.parse(text), text };
    });
    second.board.load({ cursor: '1-0' as never, alerts });
    second.evaluator.reset();
    await second.sample(3, cpu(0.5));
    expect(second.news()).toEqual(['resolve cpu']);
    expect(second.submitted).toHaveLength(1);
  });

  it('takes an acknowledgement that another hub stored', async () => {
    const { sample, submitted, stored, evaluator } = startEvaluator([{ ...CPU, repeat: '1m' }]);
    await sample(0, cpu(0.9));
    const [key, text] = [...stored][0]!;
    const alert = JSON.parse(text);
    alert.memory.episode.acknowledged = { atMs: START_MS + 1000, by: 'ann' };
    const acknowledged = JSON.stringify(alert);
    stored.set(key, acknowledged);
    evaluator.onStored({ rule: 'cpu', host: HOST, device: null }, acknowledged, alert.memory);
    await sample(70, cpu(0.9));
    expect(submitted).toHaveLength(1); // no reminder
  });

  it('ends the alerts of a rule that is gone, disabled, or selects the host no longer', async () => {
    for (const rules of [
      [],
      [{ ...CPU, enabled: false }],
      [{ ...CPU, selector: 'role=db' }],
      [{ ...CPU, selector: '' }],
    ]) {
      const { sample, setRules, news, stored } = startEvaluator([CPU]);
      await sample(0, cpu(0.9));
      expect(news()).toEqual(['open cpu']);
      setRules(rules);
      await sample(3, cpu(0.9));
      expect(news()).toEqual(['resolve cpu']);
      expect(stored.size).toBe(0);
    }
  });

  it('ends the alerts of a host that was removed', async () => {
    const { sample, fleet, tick, news, stored } = startEvaluator([CPU]);
    await sample(0, cpu(0.9));
    news();
    fleet.onRemoved(HOST);
    await tick(2);
    expect(news()).toEqual(['resolve cpu']);
    expect(stored.size).toBe(0);
  });

  it('notices silence by time alone', async () => {
    const { sample, goOffline, evaluator, tick, news } = startEvaluator([{ ...OFFLINE, for: '50s' }]);
    await sample(0, cpu(0.1));
    goOffline();
    evaluator.touch(HOST);
    await tick(1);
    await tick(50);
    expect(news()).toEqual([]);
    await tick(51);
    expect(news()).toEqual(['open down']);
    await sample(60, cpu(0.1));
    expect(news()).toEqual(['resolve down']);
  });

  it('keeps an old failure of a task open, and opens none', async () => {
    const { sample, state, news } = startEvaluator([TASKS]);
    const failed = (isNews: boolean) => [{ action: 'backup', hasFailed: true, isNews }];
    state.endedTasks = failed(false);
    await sample(0, cpu(0.1));
    expect(news()).toEqual([]);
    state.endedTasks = failed(true);
    await sample(3, cpu(0.1));
    expect(news()).toEqual(['open tasks backup']);
    state.endedTasks = failed(false);
    await sample(6, cpu(0.1));
    expect(news()).toEqual([]);
    state.endedTasks = [{ action: 'backup', hasFailed: false, isNews: true }];
    await sample(9, cpu(0.1));
    expect(news()).toEqual(['resolve tasks backup']);
  });

  it('ends the alert of a heartbeat that was removed', async () => {
    const { sample, state, news } = startEvaluator([
      { name: 'beats', selector: '*', when: { state: 'heartbeat_missed' } },
    ]);
    state.heartbeats = [{ name: 'backup', isMissed: true }];
    await sample(0, cpu(0.1));
    state.heartbeats = [];
    await sample(3, cpu(0.1));
    expect(news()).toEqual(['open beats backup', 'resolve beats backup']);
  });

  it('keeps the alert of a slow task while nothing is known, and ends it with the task', async () => {
    const { sample, state, news } = startEvaluator([
      { name: 'slow', selector: '*', when: { state: 'task_slow' } },
    ]);
    for (const [index, isSlow] of [false, true, null].entries()) {
      state.longTasks = [{ action: 'backup', isSlow }];
      await sample(3 * index, cpu(0.1));
    }
    expect(news()).toEqual(['open slow backup']);
    state.longTasks = [];
    await sample(9, cpu(0.1));
    expect(news()).toEqual(['resolve slow backup']);
  });

  it('opens one alert for each schedule, and ends those that are gone', async () => {
    const { evaluator, settle, stored, news, setRules, at, sample } = startEvaluator([MISSED]);
    const look = (second: number, ...schedules: StoredSchedule[]) => {
      at(second);
      evaluator.evaluateFleet({ nowMs: START_MS, rollouts: [], schedules });
      return settle();
    };
    await look(0, missed('nightly'), missed('weekly'));
    await look(1, missed('nightly'), missed('weekly'));
    expect(news()).toEqual(['open missed nightly', 'open missed weekly']);
    expect([...stored.keys()]).toEqual(['missed * nightly', 'missed * weekly']);
    await sample(2, cpu(0.1));
    await look(3, missed('weekly'));
    expect(news()).toEqual(['resolve missed nightly']);
    setRules([{ ...MISSED, selector: '' }]);
    await look(4, missed('weekly'));
    expect(news()).toEqual(['resolve missed weekly']);
    expect(stored.size).toBe(0);
  });

  it('says the same of a schedule as the hub before, and nothing twice', async () => {
    const { evaluator, settle, news, board, stored, at } = startEvaluator([MISSED]);
    const facts = { nowMs: START_MS, rollouts: [], schedules: [missed('nightly')] };
    evaluator.evaluateFleet(facts);
    await settle();
    const [text] = [...stored.values()];
    board.load({ cursor: '1-0' as never, alerts: [{ alert: JSON.parse(text!), text: text! }] });
    evaluator.lose(ALL_SHARDS);
    evaluator.evaluateFleet(facts);
    evaluator.gain(ALL_SHARDS);
    at(5);
    evaluator.evaluateFleet(facts);
    await settle();
    expect(news()).toEqual(['open missed nightly']);
  });

  it('watches each host once, and anew after a change of rules', async () => {
    const { sample, watched, setRules } = startEvaluator([CPU]);
    await sample(0, cpu(0.1));
    await sample(3, cpu(0.1));
    expect(watched).toEqual([HOST]);
    setRules([CPU, DISK]);
    await sample(6, cpu(0.1));
    expect(watched).toEqual([HOST, HOST]);
    setRules([DISK]);
    await sample(9, cpu(0.1));
    expect(watched).toEqual([HOST, HOST]);
  });

  it('stores nothing for hosts that are well, offline or flicker below a threshold', async () => {
    const { sample, goOffline, tick, submitted } = startEvaluator([CPU, DISK]);
    for (let second = 0; second < 60; second += 3) await sample(second, cpu(second % 2 === 0 ? 0.79 : 0.1));
    goOffline();
    for (let second = 60; second < 300; second += 1) await tick(second);
    expect(submitted).toEqual([]);
  });

  it('says little of a host that flaps each minute for a day', async () => {
    const { evaluator, fleet, sample, goOffline, tick, news } = startEvaluator([OFFLINE]);
    const said: string[] = [];
    for (let minute = 0; minute < 1440; minute += 1) {
      await sample(60 * minute, cpu(0.1));
      goOffline();
      evaluator.touch(HOST);
      await tick(60 * minute + 30);
      said.push(...news());
    }
    expect(fleet.get(HOST)?.status).toBe('offline');
    expect(said.slice(0, 4)).toEqual(['open down', 'resolve down', 'open down', 'flapping down']);
    expect(said.length).toBeLessThanOrEqual(6);
  });

  it('says little of a value around a threshold in each sample', async () => {
    const { sample, news } = startEvaluator([{ ...CPU, warn: { on: 0.8, off: 0.79 } }]);
    for (let second = 0; second < 86_400; second += 30)
      await sample(second, cpu(second % 60 === 0 ? 0.81 : 0.78));
    expect(news().length).toBeLessThanOrEqual(6);
  });
});
