import type { HistoryRange, HostId, Sample, Target, TargetHistory } from '@booner/protocol';
import { NOTHING_MEASURED } from '@booner/protocol/nothing-measured';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { currentPage } from '../connection/page.ts';
import { BoonerError } from '../http/booner-error.ts';
import type { Fleet } from '../status/fleet.ts';
import type { TargetState } from '../status/target-stream.ts';
import { createStore } from '../store/store.ts';
import { systemClock } from '../time/clock.ts';
import { createHistoryPart, type HistoryPart } from './history-part.ts';
import { appendRow, emptyHistory } from './history-rows.ts';

const HOST = '10.0.0.2' as HostId;
const INTERVAL_MS = 3000;
/** The hub's clock minus the page's. */
let aheadMs = 0;

beforeEach(() => {
  vi.useFakeTimers({ now: 1_000_000 });
  aheadMs = 500_000;
});
afterEach(() => {
  vi.useRealTimers();
});

const hubNowMs = () => Date.now() + aheadMs;
const load = (last1Minute: number) => ({ last1Minute, last5Minutes: 0, last15Minutes: 0 });

/** A hub with one target, available over both of its interfaces. */
function startHub() {
  let recorded = emptyHistory(HOST, 0, 0);
  const target = createStore<TargetState>({ type: 'loading' });
  let sequence = 0;
  const hub = {
    isReachable: true,
    reads: 0,
    /** Takes a sample, which the page receives unless it is cut off. */
    sample({ isReceived = true } = {}) {
      const sample = {
        ...NOTHING_MEASURED,
        loadAverage: load(++sequence),
        instance: 'a',
        sequence,
        intervalMs: INTERVAL_MS,
      } as Sample;
      if ((recorded.times.at(-1) ?? 0) > hubNowMs() + 60_000) recorded = emptyHistory(HOST, 0, 0);
      recorded = appendRow(recorded, { atMs: hubNowMs(), measurements: sample }, INTERVAL_MS);
      if (!isReceived) return;
      target.set({
        type: 'found',
        target: { status: 'active', sample, lastSeenAtMs: hubNowMs() } as Target,
      });
    },
  };
  const { part, close } = createHistoryPart({
    nowMs: Date.now,
    hubNowMs,
    random: Math.random,
    clock: systemClock,
    fleet: createStore<Fleet | null>({
      intervalMs: INTERVAL_MS,
      sentAtMs: 0,
      targets: new Map(),
    } as unknown as Fleet),
    target: () => target,
    async readHistory(): Promise<TargetHistory> {
      hub.reads++;
      if (!hub.isReachable) throw new BoonerError('unreachable', 'no answer');
      return { ...recorded, fromMs: hubNowMs() - 60_000, toMs: hubNowMs() };
    },
    readFleetHistory: () => Promise.reject(new Error('not asked for')),
    readSeries: () => Promise.reject(new Error('not asked for')),
    page: currentPage(),
  });
  return { hub, part, close };
}

const follow = (part: HistoryPart, range: HistoryRange = '1m') => part.history(HOST, range);

const pass = (intervals: number) => vi.advanceTimersByTimeAsync(intervals * INTERVAL_MS);

test('the past is read at once, and each sample that comes adds a row', async () => {
  const { hub, part } = startHub();
  hub.sample({ isReceived: false });
  await pass(1);
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(0);
  expect(live.getSnapshot().history?.load1Minute).toEqual([1]);
  hub.sample();
  await pass(1);
  hub.sample();
  const { history } = live.getSnapshot();
  expect(history?.load1Minute).toEqual([1, 2, 3]);
  expect(history?.toMs).toBe(hubNowMs());
  expect(hub.reads).toBe(1);
});

test('a sample that comes while the past is being read is there once', async () => {
  const { hub, part } = startHub();
  hub.sample();
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(0);
  expect(live.getSnapshot().history?.load1Minute).toEqual([1]);
});

test('a hole in the stream is filled by another read', async () => {
  const { hub, part } = startHub();
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(0);
  for (const isReceived of [true, true, false, false, false, true]) {
    hub.sample({ isReceived });
    await pass(1);
  }
  expect(live.getSnapshot().history?.load1Minute).toEqual([1, 2, 3, 4, 5, 6]);
  expect(hub.reads).toBe(2);
});

test('one sample that the stream passed over is read a little later', async () => {
  const { hub, part } = startHub();
  const live = follow(part);
  live.subscribe(() => undefined);
  for (const isReceived of [true, false, true, true, true, true, true, true]) {
    hub.sample({ isReceived });
    await pass(1);
  }
  expect(live.getSnapshot().history?.load1Minute).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
});

test('a host that falls silent has a gap up to now', async () => {
  const { hub, part } = startHub();
  hub.sample();
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(5);
  const { history } = live.getSnapshot();
  expect(history?.load1Minute).toEqual([1, null]);
  expect(history?.toMs).toBe(hubNowMs());
});

test('a failed read is reported and retried', async () => {
  const { hub, part } = startHub();
  hub.isReachable = false;
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(0);
  expect(live.getSnapshot().error?.code).toBe('unreachable');
  hub.isReachable = true;
  hub.sample();
  await pass(3);
  expect(live.getSnapshot()).toMatchObject({ error: null, history: { load1Minute: [1, null] } });
});

test('after the clock of the hub was set back far, the past is what the hub then says', async () => {
  const { hub, part } = startHub();
  const live = follow(part);
  live.subscribe(() => undefined);
  await pass(0);
  hub.sample();
  await pass(1);
  aheadMs -= 3_600_000;
  for (let samples = 0; samples < 3; samples++) {
    hub.sample();
    await pass(1);
  }
  const { history } = live.getSnapshot();
  expect(history?.load1Minute).toEqual([2, 3, 4]);
  expect(history?.times.at(-1)).toBe(hubNowMs() - INTERVAL_MS);
  expect(hub.reads).toBe(2);
});

test('nothing runs without a watcher', async () => {
  const { hub, part } = startHub();
  const live = follow(part);
  const leave = live.subscribe(() => undefined);
  await pass(0);
  leave();
  hub.sample();
  await pass(5);
  expect(live.getSnapshot().history?.times).toEqual([]);
  expect(vi.getTimerCount()).toBe(0);
});

test('another range starts with what is watched, and does not read to show it', async () => {
  const { hub, part } = startHub();
  for (const minute of [1, 2, 3]) {
    hub.sample({ isReceived: false });
    if (minute < 3) await pass(20);
  }
  const whole = follow(part, '5m');
  const leave = whole.subscribe(() => undefined);
  await pass(0);
  expect(whole.getSnapshot().history?.load1Minute).toEqual([1, null, 2, null, 3]);
  const short = follow(part, '1m');
  expect(short.getSnapshot().history?.load1Minute).toEqual([2, null, 3]);
  leave();
});

test('a view that is left and reopened continues where it was, and reads the gap', async () => {
  const { hub, part } = startHub();
  const leave = follow(part).subscribe(() => undefined);
  await pass(0);
  hub.sample();
  await pass(1);
  leave();
  hub.sample({ isReceived: false });
  await pass(1);
  expect(follow(part).getSnapshot().history?.load1Minute).toEqual([1]);
  follow(part).subscribe(() => undefined);
  await pass(0);
  expect(follow(part).getSnapshot().history?.load1Minute).toEqual([1, 2]);
});

test('nothing runs once the client is closed, whoever still watches', async () => {
  const { hub, part, close } = startHub();
  follow(part).subscribe(() => undefined);
  part.recentCpu(HOST).subscribe(() => undefined);
  await pass(0);
  close();
  expect(vi.getTimerCount()).toBe(0);
  part.history(HOST, '5m').subscribe(() => undefined);
  await pass(5);
  expect([vi.getTimerCount(), hub.reads]).toEqual([0, 1]);
});
