import { type HistoryBlocks, historyBlocksSchema } from '@booner/protocol';
import { HISTORY_TIER_NAMES } from '@booner/protocol/history-metrics';
import { describe, expect, it } from 'vitest';
import { Backlog } from '../backlog.ts';
import type { History } from '../history-port.ts';
import type { HistoryServiceOptions } from '../history-service.ts';
import { DEFAULT_RETENTION } from '../tiers.ts';
import { type Clock, cpuOf, HOST, HOUR_MS, MINUTE_MS, useBed } from './reading-bed.ts';
import { describeHistoryReading } from './reading-contract.ts';
import { busyNetwork, sampleOf } from './samples.ts';

export type HistoryBed = AsyncDisposable & {
  readonly history: History;
  /** Ends the process and starts it again, as SIGKILL and a restart do; gracefully if told so. */
  restart(options?: { readonly isGraceful?: boolean }): Promise<void>;
};

export type BedOptions = Pick<HistoryServiceOptions, 'nowMs'> & Partial<HistoryServiceOptions>;

/** A Monday at 00:00 UTC, where blocks of all tiers start. */
const START_MS = Math.ceil(Date.UTC(2026, 5, 1) / (4 * 24 * HOUR_MS)) * 4 * 24 * HOUR_MS;

const decoder = new TextDecoder();

/** Holds every store of blocks to one behavior, in reading as well. */
export function describeHistory(name: string, open: (options: BedOptions) => Promise<HistoryBed>): void {
  /** A history and its clock, which samples move. */
  async function startBed(options: Partial<HistoryServiceOptions> = {}, clock: Clock = { nowMs: START_MS }) {
    const bed = await open({ nowMs: () => clock.nowMs, ...options });
    const own = {
      clock,
      get history() {
        return bed.history;
      },
      /** Lets it store what it has. */
      settle: async () => void (await bed.history.stats()),
      restart: bed.restart,
      [Symbol.asyncDispose]: () => bed[Symbol.asyncDispose](),
    };
    return Object.assign(own, useBed(own, clock));
  }

  describeHistoryReading(name, { open: (clock) => startBed({}, clock), tier: null });

  describe(`${name}, as a store of blocks`, () => {
    it('returns samples of the open minute and of stored minutes as they were received', async () => {
      await using bed = await startBed();
      await bed.run(START_MS + 90_000, (atMs) => ((atMs - START_MS) / 3000) * 0.01);
      const answer = await bed.query(START_MS, START_MS + 90_000);
      expect(answer).toMatchObject({ tier: 'raw', stepMs: null });
      expect(answer.timesMs).toEqual(Array.from({ length: 30 }, (_, row) => START_MS + row * 3000));
      expect(cpuOf(answer)?.avg).toEqual(Array.from({ length: 30 }, (_, row) => Math.round(row) / 100));
    });

    it('keeps what was stored over a crash, and makes the rollups afterwards', async () => {
      await using bed = await startBed();
      await bed.run(START_MS + 2 * HOUR_MS + 30_000, () => 0.25);
      await bed.history.stats();
      await bed.restart();
      bed.clock.nowMs += 5 * MINUTE_MS;
      const answer = await bed.query(START_MS, bed.clock.nowMs, { points: 130 });
      expect(answer.tier).toBe('10s');
      const lastMs = answer.timesMs[cpuOf(answer)?.avg.findLastIndex((value) => value !== null) ?? 0] ?? 0;
      expect(lastMs).toBeGreaterThanOrEqual(START_MS + 2 * HOUR_MS - MINUTE_MS);
      const hours = await bed.query(START_MS, bed.clock.nowMs, { points: 3 });
      expect(new Set(cpuOf(hours)?.avg.filter((value) => value !== null))).toEqual(new Set([0.25]));
    });

    it('keeps rollups of data that was deleted when a part of it is received again', async () => {
      const retention = { ...DEFAULT_RETENTION, raw: 20 * MINUTE_MS, '10s': 2 * HOUR_MS };
      await using bed = await startBed({ retention });
      await bed.run(START_MS + 5 * HOUR_MS, () => 0.5, { stepMs: 10_000 });
      bed.clock.nowMs = START_MS + 30 * MINUTE_MS; // set back, for two minutes
      await bed.run(START_MS + 32 * MINUTE_MS, () => 0.5, { stepMs: 10_000 });
      bed.clock.nowMs = START_MS + 5 * HOUR_MS;
      await bed.run(START_MS + 5 * HOUR_MS + 2 * MINUTE_MS, () => 0.5, { stepMs: 10_000 });
      const hour = await bed.query(START_MS, START_MS + HOUR_MS, { points: 60 });
      expect(cpuOf(hour)?.avg).toEqual(Array(60).fill(0.5));
    });

    it('joins the parts of a minute in which the hub was restarted', async () => {
      await using bed = await startBed();
      await bed.run(START_MS + 30_000, () => 0.2);
      await bed.restart({ isGraceful: true });
      await bed.run(START_MS + 90_000, () => 0.4);
      const answer = await bed.query(START_MS, START_MS + 90_000);
      expect(answer.timesMs).toHaveLength(30);
      expect(cpuOf(answer)?.avg.slice(9, 11)).toEqual([0.2, 0.4]);
      await bed.run(START_MS + 2 * HOUR_MS, () => 0.4);
      const [first] = cpuOf(await bed.query(START_MS, bed.clock.nowMs, { points: 120 }))?.avg ?? [];
      expect(first).toBeCloseTo(0.3, 3);
    });

    it('keeps times in order when the clock is set back, and counts nothing twice', async () => {
      await using bed = await startBed();
      await bed.run(START_MS + 2 * HOUR_MS, () => 0.5);
      bed.clock.nowMs -= HOUR_MS;
      const rank = () => bed.rank({ fromMs: START_MS, toMs: START_MS + 3 * HOUR_MS });
      for (const minutes of [0.5, 10]) {
        await bed.run(START_MS + HOUR_MS + minutes * MINUTE_MS, () => 0.5);
        expect((await rank())[0]?.samples).toBeLessThanOrEqual(2 * 1200 + 20);
      }
      await bed.run(START_MS + 3 * HOUR_MS, () => 0.5);
      const answer = await bed.query(START_MS, START_MS + 3 * HOUR_MS, { points: 180 });
      expect(answer.timesMs).toEqual([...new Set(answer.timesMs)].sort((a, b) => a - b));
      expect(new Set(cpuOf(answer)?.avg)).toEqual(new Set([0.5]));
      const [ranked] = await rank();
      expect(ranked?.samples).toBeLessThanOrEqual(3 * 1200 + 1);
    });

    it('bounds the devices of a host', async () => {
      await using bed = await startBed();
      bed.append(sampleOf(0, { network: busyNetwork(300) }));
      bed.clock.nowMs += 3000;
      const { series } = await bed.query(START_MS, bed.clock.nowMs, {
        metrics: ['interfaceReceivedBytesPerSecond'],
      });
      expect(series).toHaveLength(64);
    });

    it('ranks hosts after a restart as before', async () => {
      await using bed = await startBed();
      const hosts = [HOST, '10.0.0.3'];
      const endMs = START_MS + 2 * HOUR_MS + 10 * MINUTE_MS;
      await bed.run(endMs, (_, host) => (host === HOST ? 0.2 : 0.8), { hosts, stepMs: 10_000 });
      const rank = () => bed.rank({ fromMs: START_MS, toMs: START_MS + 3 * HOUR_MS });
      const before = await rank();
      expect(before.map(({ samples }) => samples)).toEqual([780, 780]);
      await bed.restart({ isGraceful: true });
      expect(await rank()).toEqual(before.map((one) => ({ ...one, avg: expect.closeTo(one.avg, 3) })));
    });

    it('returns annotations that touch a range, each once', async () => {
      await using bed = await startBed();
      await bed.run(START_MS + 9000, () => 0.5);
      const offline = {
        atMs: START_MS,
        untilMs: null,
        kind: 'offline' as const,
        text: 'offline',
        taskId: null,
      };
      const task = { ...offline, atMs: START_MS + 1000, untilMs: START_MS + 5000, kind: 'task' as const };
      for (const annotation of [task, offline, task]) bed.history.annotate(HOST, annotation);
      expect((await bed.query(START_MS, START_MS + 9000)).annotations).toEqual([offline, task]);
      expect((await bed.query(START_MS + 3000, START_MS + 9000)).annotations).toEqual([task]);
      expect((await bed.query(START_MS + 6000, START_MS + 9000)).annotations).toEqual([]);
    });

    it('fills a hub that was down with the blocks of another one, each sample once', async () => {
      await using first = await startBed();
      await using second = await startBed();
      const endMs = START_MS + 10 * HOUR_MS;
      await first.run(endMs, (atMs) => (atMs - START_MS) / (20 * HOUR_MS), { stepMs: 10_000 });
      await second.run(START_MS + HOUR_MS, (atMs) => (atMs - START_MS) / (20 * HOUR_MS), { stepMs: 10_000 });
      second.clock.nowMs = endMs;
      for (const tier of HISTORY_TIER_NAMES) {
        for (let after: HistoryBlocks['next'] = null, isLast = false; !isLast; ) {
          const bytes = await first.history.exportBlocks({ tier, fromMs: START_MS, toMs: endMs, after });
          const page = historyBlocksSchema.parse(JSON.parse(decoder.decode(bytes)));
          await second.history.importBlocks(page);
          after = page.next;
          isLast = page.next === null;
        }
      }
      await second.history.stats();
      for (const points of [100, 600, 2000]) {
        expect(await second.query(START_MS, endMs - MINUTE_MS, { points })).toEqual(
          await first.query(START_MS, endMs - MINUTE_MS, { points }),
        );
      }
      const range = { metric: 'cpuUsageRatio' as const, fromMs: START_MS, toMs: endMs - HOUR_MS };
      const [ranked] = await second.history.rank(range);
      const [expected] = await first.history.rank(range);
      expect(ranked).toEqual({ ...expected, avg: expect.closeTo(expected?.avg ?? 0, 3) });
    });

    it('adds samples that were missed, without those that it has', async () => {
      await using bed = await startBed();
      const backlog = new Backlog();
      for (let atMs = START_MS; atMs < START_MS + 20 * MINUTE_MS; atMs += 3000)
        backlog.add(atMs, 3000, sampleOf(0.25));
      await bed.run(START_MS + 3 * MINUTE_MS, () => 0.5);
      bed.clock.nowMs = START_MS + 17 * MINUTE_MS;
      await bed.run(START_MS + 20 * MINUTE_MS, () => 0.5);
      const range = { fromMs: START_MS + 3 * MINUTE_MS, toMs: START_MS + 17 * MINUTE_MS };
      const missed = { ...range, shiftMs: 0, backfill: backlog.minutes(range.fromMs, range.toMs) };
      for (let times = 0; times < 2; times++) expect(await bed.history.addMissed(HOST, missed)).toBe(280);
      const answer = await bed.query(START_MS, START_MS + 20 * MINUTE_MS);
      expect(answer.timesMs).toHaveLength(400);
      expect(new Set(cpuOf(answer)?.avg.slice(60, 340))).toEqual(new Set([0.25]));
      await bed.run(START_MS + HOUR_MS + MINUTE_MS, () => 0.5);
      const [rolled] = cpuOf(await bed.query(START_MS, START_MS + HOUR_MS, { points: 1 }))?.avg ?? [];
      expect(rolled).toBeCloseTo(0.5 - (0.25 * 14) / 60, 2);
    });

    it('deletes what is older than its tier is kept, and reads older ranges from coarser tiers', async () => {
      await using bed = await startBed({ retention: { ...DEFAULT_RETENTION, raw: HOUR_MS } });
      await bed.run(START_MS + 5 * HOUR_MS, () => 0.5, { stepMs: 10_000 });
      const { oldestMs } = await bed.history.stats();
      expect(oldestMs.raw).toBeGreaterThanOrEqual(START_MS + 4 * HOUR_MS - 2 * MINUTE_MS);
      const old = await bed.query(START_MS, START_MS + 10 * MINUTE_MS);
      expect(old.tier).toBe('10s');
      expect(cpuOf(old)?.avg).toHaveLength(60);
    });

    it('deletes the oldest of the finest tier beyond its size', async () => {
      await using bed = await startBed({ maxBytes: 1 });
      await bed.run(START_MS + 3 * HOUR_MS, () => Math.random(), { stepMs: 10_000 });
      bed.clock.nowMs += 2 * MINUTE_MS;
      await bed.history.stats();
      const { oldestMs } = await bed.history.stats();
      expect(oldestMs.raw).toBeGreaterThan(START_MS + 2 * HOUR_MS);
      const hours = await bed.query(START_MS, bed.clock.nowMs, { points: 182 });
      expect(cpuOf(hours)?.avg).toHaveLength(181);
      const deleted = await bed.query(START_MS, START_MS + 10 * MINUTE_MS, { points: 2000 });
      expect(deleted.tier).toBe('1m');
      expect(cpuOf(deleted)?.avg).toHaveLength(10);
    });
  });
}
