import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULT_RETENTION } from '@booner/history';
import {
  createHistory,
  openSqliteBlocks,
  RECORDED_INTERVAL_MS,
  type RecordedSample,
  readRecording,
} from '@booner/history/testing';
import type { PartContext, PartResult } from '../part-result.ts';
import { presentSize, type SizeFigures, type TierSize } from './size-table.ts';

const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;
/** Where blocks of all tiers start. */
const START_MS = Math.ceil(Date.UTC(2026, 0, 1) / (96 * HOUR_MS)) * 96 * HOUR_MS;

type Plan = { readonly hosts: number; readonly hours: number };
const FULL: Plan = { hosts: 8, hours: 24 };
const SHORT: Plan = { hosts: 2, hours: 2 };

/** Stores the same samples in three ways, in SQLite each time, and compares the bytes. */
export async function runSizeBench({ isShort, progress }: PartContext): Promise<PartResult> {
  const plan = isShort ? SHORT : FULL;
  const recording = readRecording();
  const directory = await mkdtemp(join(tmpdir(), 'booner-bench-'));
  try {
    progress(`history: ${plan.hosts} hosts x ${plan.hours} h in blocks`);
    const blocks = await measureBlocks(directory, recording, plan);
    progress('history: the same in rows of SQLite');
    return presentSize({ ...blocks, ...measureRows(directory, recording, blocks.seriesPerSample) });
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** Stores the recording repeatedly, and counts the bytes of each tier and the CPU time of all. */
async function measureBlocks(
  directory: string,
  recording: readonly RecordedSample[],
  { hosts, hours }: Plan,
): Promise<Pick<SizeFigures, 'tiers' | 'fileBytesPerBlockByte' | 'cpuUsPerSample' | 'seriesPerSample'>> {
  let nowMs = START_MS;
  const history = createHistory({
    open: () => openSqliteBlocks(directory, { onDamage: (file) => Promise.reject(new Error(file)) }),
    retention: { ...DEFAULT_RETENTION, raw: YEAR_MS },
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    nowMs: () => nowMs,
    monotonicMs: () => nowMs,
    onClockDoubt: () => {},
    onRecording: () => {},
  });
  let cpuUs = 0;
  let samples = 0;
  for (let row = 0; nowMs < START_MS + hours * HOUR_MS; row++, nowMs += RECORDED_INTERVAL_MS) {
    const received = Array.from({ length: hosts }).map((_none, host) => {
      const { atMs: _, ...sample } = recording[(row + 97 * host) % recording.length] as RecordedSample;
      const pass = Math.floor((row + 97 * host) / recording.length);
      return scaled(sample, levelOf(host, pass));
    });
    const before = process.cpuUsage();
    for (const [host, measurements] of received.entries())
      history.append({ host: `10.0.0.${host}`, atMs: nowMs, intervalMs: RECORDED_INTERVAL_MS, measurements });
    if (row % 20 === 0) await history.stats(); // stores and rolls up what is due
    const { user, system } = process.cpuUsage(before);
    cpuUs += user + system;
    samples += hosts;
  }
  await history[Symbol.asyncDispose]();
  const database = new DatabaseSync(join(directory, 'history.db'));
  const number = (sql: string) => Number(Object.values(database.prepare(sql).get() ?? {})[0]);
  const layouts = database.prepare('SELECT id, json_array_length(series) AS series FROM layout').all() as {
    id: number;
    series: number;
  }[];
  const tiers = (
    database
      .prepare('SELECT tier, layout, count(*) AS blocks, sum(length(data)) AS bytes FROM block GROUP BY 1, 2')
      .all() as { tier: number; layout: number; blocks: number; bytes: number }[]
  ).map(({ tier, layout, blocks, bytes }): TierSize => {
    const series = layouts.find(({ id }) => id === layout)?.series ?? 0;
    const rows = [20, 60, 60, 72, 96][tier] ?? 0;
    return { tier, blocks, bytes, values: blocks * rows * series };
  });
  const fileBytes = number('SELECT sum(pgsize) FROM dbstat');
  const blockBytes = number('SELECT sum(length(data)) FROM block');
  database.close();
  return {
    tiers,
    fileBytesPerBlockByte: fileBytes / blockBytes,
    cpuUsPerSample: cpuUs / samples,
    seriesPerSample: layouts[0]?.series ?? 0,
  };
}

/** Writes the recording as a row a point, and as a row of JSON a sample. */
function measureRows(
  directory: string,
  recording: readonly RecordedSample[],
  seriesPerSample: number,
): Pick<SizeFigures, 'rowBytesPerValue' | 'jsonBytesPerValue'> {
  const rows = recording.map(({ atMs, ...sample }) => ({ atMs, values: numbersIn(sample), sample }));
  const stored = (schema: string, fill: (database: DatabaseSync) => void): number => {
    const file = join(directory, 'rows.db');
    const database = new DatabaseSync(file);
    database.exec(schema);
    database.exec('BEGIN');
    fill(database);
    database.exec('COMMIT');
    const { bytes } = database.prepare('SELECT sum(pgsize) AS bytes FROM dbstat').get() as { bytes: number };
    database.exec('DROP TABLE sample; VACUUM');
    database.close();
    return bytes;
  };
  const pointBytes = stored(
    'CREATE TABLE sample (series INTEGER, at_ms INTEGER, value, PRIMARY KEY (series, at_ms)) WITHOUT ROWID',
    (database) => {
      const insert = database.prepare('INSERT INTO sample VALUES (?, ?, ?)');
      for (const { atMs, values } of rows)
        for (let series = 0; series < seriesPerSample; series++)
          insert.run(series, atMs, values[series] ?? 0);
    },
  );
  const jsonBytes = stored(
    'CREATE TABLE sample (host TEXT, at_ms INTEGER, stats TEXT, PRIMARY KEY (host, at_ms))',
    (database) => {
      const insert = database.prepare('INSERT INTO sample VALUES (?, ?, ?)');
      for (const { atMs, values } of rows)
        insert.run('10.0.0.1', atMs, JSON.stringify(compact(values.slice(0, seriesPerSample))));
    },
  );
  const values = rows.length * seriesPerSample;
  return { rowBytesPerValue: pointBytes / values, jsonBytesPerValue: jsonBytes / values };
}

/** Short keys and two decimals, as Beszel's records have. */
const compact = (values: readonly number[]): Record<string, number> =>
  Object.fromEntries(values.map((value, index) => [`m${index}`, Math.round(value * 100) / 100]));

function numbersIn(value: unknown): number[] {
  if (typeof value === 'number') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(numbersIn) : [];
}

/** Noise: each repetition of the recording is 0 to 10 % off. The first one is as recorded. */
const levelOf = (host: number, pass: number): number =>
  host + pass === 0 ? 1 : 0.9 + 0.2 * ((host * 0.618 + pass * 0.414) % 1);

/** Returns a copy with other numbers. Whole numbers stay whole, and small ones as they are. */
function scaled<T>(value: T, level: number): T {
  if (typeof value === 'number') {
    if (!Number.isInteger(value)) return Math.min(value * level, Math.ceil(value)) as T;
    return (Math.abs(value) < 1000 ? value : Math.round(value * level)) as T;
  }
  if (Array.isArray(value)) return value.map((one) => scaled(one, level)) as T;
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, scaled(one, level)])) as T;
}
