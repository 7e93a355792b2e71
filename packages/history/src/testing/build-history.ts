import { closeSync, fsyncSync, openSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import type { Series } from '@booner/protocol/history-metrics';
import { encodeBlock } from '../block-codec.ts';
import { HourSums } from '../hour-sums.ts';
import { rowOf } from '../layout.ts';
import { OpenMinute } from '../open-minute.ts';
import { openSqliteBlocks } from '../open-sqlite-blocks.ts';
import type { Column, Points } from '../points.ts';
import { rollUp } from '../roll-up.ts';
import type { SampledPart } from '../sections.ts';
import { SqliteBlocks } from '../sqlite-blocks.ts';
import { blockStartOf, DEFAULT_RETENTION, HOURLY_BLOCKS, RAW, TIERS, type Tier } from '../tiers.ts';

/** A sample with the time at which it was received. */
export type RecordedSample = SampledPart & { readonly atMs: number };

export type BuildOptions = {
  readonly hosts: readonly string[];
  readonly fromMs: number;
  readonly nowMs: number;
  /** An hour or more of one machine, which is repeated with noise. */
  readonly recording: readonly RecordedSample[];
  readonly intervalMs: number;
};

/** Hosts with data of their own. The others have the same blocks as one of them. */
const MODELS = 4;
const TEN_SECONDS = TIERS[RAW.index + 1] as Tier;

type Model = {
  readonly hosts: readonly string[];
  /** Points of each tier that the next one is not made from yet. */
  readonly waiting: Points[][];
};

/**
 * Writes a history as the engine would have stored it, block by block in the order of time, with
 * its encoder and its rollups, but synced only once: months of a large fleet in a minute. Raw data
 * is written for as long as it is kept. Rollups of the current blocks are due.
 * @param directory a folder without a history
 */
export function buildHistory(directory: string, options: BuildOptions): void {
  const { hosts, fromMs, nowMs, recording, intervalMs } = options;
  openSqliteBlocks(directory, { onDamage: () => {} })[Symbol.dispose]();
  const file = `${directory}/history.db`;
  const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
  database.exec('PRAGMA journal_mode = DELETE; PRAGMA synchronous = OFF; PRAGMA cache_size = -65536');
  using store = new SqliteBlocks(file, database, { [Symbol.dispose]: () => {} });
  const parts = tenMinutesOf(minutesOf(recording, intervalMs));
  const rolled = parts.map((minutes) => rolledUp(minutes, 0));
  const models = Array.from(
    { length: Math.min(MODELS, hosts.length) },
    (_, model): Model => ({
      hosts: hosts.filter((_, index) => index % Math.min(MODELS, hosts.length) === model),
      waiting: TIERS.map(() => []),
    }),
  );
  const keep = (model: Model, tier: Tier, startMs: number, points: Points) => {
    if (startMs < nowMs - DEFAULT_RETENTION[tier.name]) return;
    const data = encodeBlock(points, startMs);
    for (const host of model.hosts)
      store.write({ host, tier: tier.index, startMs }, { series: points.series, data });
  };
  /** Adds the block of a tier, and those of coarser tiers that it completes. */
  const add = (model: Model, tier: Tier, startMs: number, points: Points) => {
    keep(model, tier, startMs, points);
    const next = TIERS[tier.index + 1];
    if (next === undefined) return;
    const finer = model.waiting[tier.index] as Points[];
    finer.push(points);
    const nextMs = blockStartOf(next, startMs);
    const endMs = nextMs + next.blockMs;
    if (startMs + tier.blockMs < endMs) return;
    const wants = ({ metric }: Series) => next.index < 2 || metric !== 'coreUsageRatio';
    const coarser = rollUp(finer, { fromMs: nextMs, toMs: endMs, stepMs: next.stepMs, wants });
    if (next === HOURLY_BLOCKS) {
      const sums = new HourSums();
      for (const part of finer) sums.addPoints(part);
      for (const host of model.hosts) store.writeHour(host, nextMs, sums.summary());
    }
    finer.length = 0;
    add(model, next, nextMs, coarser);
  };

  store.begin();
  const endMs = blockStartOf(RAW, nowMs);
  const rawFromMs = Math.max(fromMs, nowMs - DEFAULT_RETENTION.raw);
  for (let startMs = blockStartOf(TEN_SECONDS, fromMs); startMs < endMs; startMs += TEN_SECONDS.blockMs) {
    for (const [index, model] of models.entries()) {
      const part = (startMs / TEN_SECONDS.blockMs + index) % parts.length;
      if (startMs + TEN_SECONDS.blockMs <= rawFromMs) {
        add(model, TEN_SECONDS, startMs, noisy(rolled[part] as Points, startMs));
        continue;
      }
      const raw = (parts[part] as Points[])
        .map((points, minute) => noisy(points, startMs + minute * RAW.blockMs))
        .filter(({ times }) => (times[0] as number) < endMs);
      for (const points of raw) keep(model, RAW, blockStartOf(RAW, points.times[0] as number), points);
      if (startMs + TEN_SECONDS.blockMs > endMs) continue;
      add(model, TEN_SECONDS, startMs, rolledUp(raw, startMs));
    }
  }
  for (const host of hosts) {
    for (const { index, ...tier } of TIERS.slice(1))
      store.addDue({ host, tier: index, startMs: blockStartOf(tier, endMs) });
  }
  store.commit();
  const descriptor = openSync(file, 'r+');
  fsyncSync(descriptor); // or the first commit of the engine would have to
  closeSync(descriptor);
}

/** Returns the samples of a recording as minutes. */
function minutesOf(recording: readonly RecordedSample[], intervalMs: number): Points[] {
  const minutes: Points[] = [];
  let open: OpenMinute | null = null;
  for (const { atMs, ...sample } of recording) {
    const startMs = blockStartOf(RAW, atMs);
    const row = rowOf(sample);
    if (open?.startMs !== startMs) {
      if (open !== null) minutes.push(open.points());
      open = new OpenMinute(startMs, row.layout);
    }
    open.add(atMs, intervalMs, row);
  }
  return minutes.slice(1); // the first and the last are not whole
}

/** Returns whole ten minutes, which start at 0. */
function tenMinutesOf(minutes: readonly Points[]): Points[][] {
  const length = TEN_SECONDS.blockMs / RAW.blockMs;
  return Array.from({ length: Math.floor(minutes.length / length) }, (_, part) =>
    minutes
      .slice(part * length, (part + 1) * length)
      .map((points, minute) => movedTo(points, minute * RAW.blockMs)),
  );
}

const rolledUp = (minutes: readonly Points[], startMs: number): Points =>
  rollUp(minutes, {
    fromMs: startMs,
    toMs: startMs + TEN_SECONDS.blockMs,
    stepMs: TEN_SECONDS.stepMs,
  });

function movedTo(points: Points, startMs: number): Points {
  const offsetMs = startMs - blockStartOf(RAW, points.times[0] as number);
  return { ...points, times: points.times.map((atMs) => atMs + offsetMs) };
}

/** Returns a block at another time, with values that are a few percent off. */
function noisy(points: Points, startMs: number): Points {
  return {
    ...movedTo(points, startMs),
    columns: points.columns.map((column): Column | null => {
      if (column === null) return null;
      const { avg, min, max, count } = column;
      if (avg.every((value, row) => value === avg[0] && min[row] === max[row])) return column;
      const level = 0.95 + 0.1 * Math.random();
      const factors = avg.map(() => level + 0.02 * (Math.random() - 0.5));
      const scaled = (values: Float64Array) => values.map((value, row) => value * (factors[row] as number));
      const changed = scaled(avg);
      if (min === avg) return { avg: changed, min: changed, max: changed, count };
      return { avg: changed, min: scaled(min), max: scaled(max), count };
    }),
  };
}
