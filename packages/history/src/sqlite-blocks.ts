import { statfsSync, statSync } from 'node:fs';
import { backup, DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Annotation } from '@booner/protocol';
import {
  HISTORY_METRICS,
  RANKED_METRICS,
  type RankedMetric,
  type Series,
} from '@booner/protocol/history-metrics';
import type { Block, BlockPlace, BlockStore, HourSummary, RankedHost, StoreSize } from './block-store.ts';
import { guardSqlite } from './guard-sqlite.ts';
import { TIERS, type Tier } from './tiers.ts';

/** Annotations that began earlier are not searched: no task runs for longer. */
const MAX_ANNOTATION_MS = 2 * 86_400_000;
const PAGES_PER_SHRINK = 256;
/** A host or a layout that is in use is marked again after this time. */
const MARK_MS = 3_600_000;
/** Layouts that are kept in memory for reading. */
const MAX_LAYOUTS = 500;

/** A row of `host` or `layout`. */
type Used = { readonly id: number; readonly lastUsedMs: number };
type HostRow = Used & { readonly name: string };
type Value = number | string | null | Uint8Array;

/** Keeps blocks in one SQLite file. */
export class SqliteBlocks implements BlockStore {
  readonly #database: DatabaseSync;
  readonly #lock: Disposable;
  readonly #file: string;
  readonly #statements = new Map<string, StatementSync>();
  readonly #hosts = new Map<string, Used>();
  readonly #hostNames = new Map<number, string>();
  /** By the identity of the list: a host has the same one while its devices are the same. */
  #layouts = new WeakMap<readonly Series[], Used>();
  readonly #series = new Map<number, readonly Series[]>();
  #inTransaction = false;

  /** @param lock released when the file has been closed */
  constructor(file: string, database: DatabaseSync, lock: Disposable) {
    this.#file = file;
    this.#database = database;
    this.#lock = lock;
    this.#readNames();
  }

  begin(): void {
    this.#run('BEGIN IMMEDIATE');
    this.#inTransaction = true;
  }

  commit(): void {
    this.#run('COMMIT');
    this.#inTransaction = false;
  }

  rollBack(): void {
    if (!this.#inTransaction) return;
    this.#inTransaction = false;
    // SQLite may have rolled back by itself, as it does when the disk is full.
    if (this.#database.isTransaction) this.#run('ROLLBACK');
    this.#readNames();
  }

  hosts(): readonly string[] {
    return [...this.#hosts.keys()];
  }

  read(host: string, tier: number, fromMs: number, toMs: number): Block[] {
    const id = this.#hosts.get(host)?.id;
    if (id === undefined) return [];
    const { blockMs } = TIERS[tier] as Tier;
    const blocks: Block[] = [];
    for (let startMs = Math.ceil(fromMs / blockMs) * blockMs; startMs < toMs; startMs += blockMs) {
      const row = this.#one(
        'SELECT layout, data FROM block WHERE tier = ? AND start_ms = ? AND host = ?',
        tier,
        startMs,
        id,
      ) as { layout: number; data: Uint8Array } | undefined;
      const series = row === undefined ? null : this.#seriesOf(row.layout);
      if (row !== undefined && series !== null) blocks.push({ startMs, series, data: row.data });
    }
    return blocks;
  }

  write({ host, tier, startMs }: BlockPlace, { series, data }: Pick<Block, 'series' | 'data'>): void {
    this.#run(
      'INSERT OR REPLACE INTO block (tier, start_ms, host, layout, data) VALUES (?, ?, ?, ?, ?)',
      tier,
      startMs,
      this.#idOf(host, startMs),
      this.#layoutOf(series, startMs),
      data,
    );
  }

  oldestMs(tier: number, host?: string): number | null {
    if (host !== undefined) return this.#startOf(host, tier, 'ASC', Number.MAX_SAFE_INTEGER);
    return (this.#one('SELECT min(start_ms) AS ms FROM block WHERE tier = ?', tier) as { ms: number | null })
      .ms;
  }

  newestMs(host: string, tier: number, beforeMs: number): number | null {
    return this.#startOf(host, tier, 'DESC', beforeMs);
  }

  hasBlocks(tier: number, fromMs: number, toMs: number): boolean {
    const sql = 'SELECT 1 FROM block WHERE tier = ? AND start_ms >= ? AND start_ms < ? LIMIT 1';
    return this.#one(sql, tier, fromMs, toMs) !== undefined;
  }

  deleteBefore(tier: number, beforeMs: number, limit: number): number {
    return this.#run(
      `DELETE FROM block WHERE rowid IN
        (SELECT rowid FROM block WHERE tier = ? AND start_ms < ? ORDER BY start_ms LIMIT ?)`,
      tier,
      beforeMs,
      limit,
    );
  }

  due(): readonly BlockPlace[] {
    const rows = this.#all('SELECT host, tier, start_ms FROM due ORDER BY tier, start_ms') as {
      host: number;
      tier: number;
      start_ms: number;
    }[];
    return rows.map(({ host, tier, start_ms: startMs }) => ({
      host: this.#hostNames.get(host) ?? '',
      tier,
      startMs,
    }));
  }

  addDue({ host, tier, startMs }: BlockPlace): void {
    this.#run(
      'INSERT OR IGNORE INTO due (tier, start_ms, host) VALUES (?, ?, ?)',
      tier,
      startMs,
      this.#idOf(host, startMs),
    );
  }

  removeDue({ host, tier, startMs }: BlockPlace): void {
    this.#run(
      'DELETE FROM due WHERE tier = ? AND start_ms = ? AND host = ?',
      tier,
      startMs,
      this.#idOf(host, startMs),
    );
  }

  writeHour(host: string, startMs: number, { samples, avg, max }: HourSummary): void {
    const values = RANKED_METRICS.flatMap((name, index) => [
      stored(name, avg[index] as number),
      stored(name, max[index] as number),
    ]);
    this.#run(
      `INSERT OR REPLACE INTO hourly VALUES (?, ?, ?${', ?'.repeat(values.length)})`,
      startMs,
      this.#idOf(host, startMs),
      samples,
      ...values,
    );
  }

  deleteHour(host: string, startMs: number): void {
    this.#run('DELETE FROM hourly WHERE start_ms = ? AND host = ?', startMs, this.#idOf(host, startMs));
  }

  rankHours(metric: RankedMetric, fromMs: number, toMs: number): RankedHost[] {
    const rows = this.#all(
      `SELECT host AS id, sum(samples) AS samples, sum(${metric}_avg * samples) / sum(samples) AS avg, max(${metric}_max) AS max
        FROM hourly WHERE start_ms >= ? AND start_ms < ? AND ${metric}_avg IS NOT NULL GROUP BY host`,
      fromMs,
      toMs,
    ) as { id: number; samples: number; avg: number; max: number }[];
    return rows.map(({ id, ...values }) => ({ host: this.#hostNames.get(id) ?? '', ...values }));
  }

  deleteHoursBefore(beforeMs: number): void {
    this.#run('DELETE FROM hourly WHERE start_ms < ?', beforeMs);
  }

  deleteUnusedBefore(beforeMs: number): readonly string[] {
    this.#run('DELETE FROM layout WHERE last_used_ms < ?', beforeMs);
    const gone = this.#all('SELECT id, name FROM host WHERE last_used_ms < ?', beforeMs) as HostRow[];
    for (const { id, name } of gone) {
      this.#run('DELETE FROM due WHERE host = ?', id);
      this.#run('DELETE FROM annotation WHERE host = ?', id);
      this.#run('DELETE FROM host WHERE id = ?', id);
      this.#hosts.delete(name);
      this.#hostNames.delete(id);
    }
    return gone.map(({ name }) => name);
  }

  annotate(host: string, { atMs, kind, text, untilMs, taskId }: Annotation): void {
    this.#run(
      'INSERT OR REPLACE INTO annotation (host, at_ms, kind, text, until_ms, task) VALUES (?, ?, ?, ?, ?, ?)',
      this.#idOf(host, atMs),
      atMs,
      kind,
      text,
      untilMs,
      taskId,
    );
  }

  annotations(host: string, fromMs: number, toMs: number): Annotation[] {
    const id = this.#hosts.get(host)?.id;
    if (id === undefined) return [];
    return this.#all(
      `SELECT at_ms AS atMs, until_ms AS untilMs, kind, text, task AS taskId FROM annotation
        WHERE host = ? AND at_ms >= ? AND at_ms < ? AND coalesce(until_ms, at_ms) >= ? ORDER BY at_ms`,
      id,
      fromMs - MAX_ANNOTATION_MS,
      toMs,
      fromMs,
    ) as Annotation[];
  }

  deleteAnnotationsBefore(beforeMs: number): void {
    this.#run('DELETE FROM annotation WHERE at_ms < ?', beforeMs);
  }

  size(): StoreSize {
    const pragma = (name: string) => Number(Object.values(this.#all(`PRAGMA ${name}`)[0] ?? {})[0]);
    const pageBytes = pragma('page_size');
    const { bavail, bsize } = guardSqlite(() => statfsSync(this.#file));
    const sizeOf = (file: string) => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
    return {
      usedBytes: (pragma('page_count') - pragma('freelist_count')) * pageBytes,
      fileBytes: sizeOf(this.#file) + sizeOf(`${this.#file}-wal`),
      freeDiskBytes: bavail * bsize,
    };
  }

  async backUp(file: string): Promise<void> {
    try {
      await copySnapshot(this.#file, file);
    } catch (error) {
      guardSqlite(() => {
        throw error;
      });
    }
  }

  shrink(): boolean {
    this.#all(`PRAGMA incremental_vacuum(${PAGES_PER_SHRINK})`);
    return Number(Object.values(this.#all('PRAGMA freelist_count')[0] ?? {})[0]) > PAGES_PER_SHRINK;
  }

  /** Closing rolls back by itself. Nothing is read, since the file may be damaged. */
  [Symbol.dispose](): void {
    this.#statements.clear();
    this.#database.close();
    this.#lock[Symbol.dispose]();
  }

  /** Start of the first block of a host before a time, in an order. Reads the index up to it. */
  #startOf(host: string, tier: number, order: 'ASC' | 'DESC', beforeMs: number): number | null {
    const id = this.#hosts.get(host)?.id;
    if (id === undefined) return null;
    const row = this.#one(
      `SELECT start_ms AS ms FROM block WHERE tier = ? AND start_ms < ? AND host = ?
        ORDER BY start_ms ${order} LIMIT 1`,
      tier,
      beforeMs,
      id,
    ) as { ms: number } | undefined;
    return row?.ms ?? null;
  }

  #idOf(host: string, atMs: number): number {
    const known = this.#hosts.get(host) ?? this.#addHost(host, atMs);
    if (atMs >= known.lastUsedMs + MARK_MS) {
      this.#run('UPDATE host SET last_used_ms = ? WHERE id = ?', atMs, known.id);
      this.#hosts.set(host, { ...known, lastUsedMs: atMs });
    }
    return known.id;
  }

  #addHost(name: string, lastUsedMs: number): Used {
    const { id } = this.#one(
      'INSERT INTO host (name, last_used_ms) VALUES (?, ?) RETURNING id',
      name,
      lastUsedMs,
    ) as Pick<Used, 'id'>;
    this.#hosts.set(name, { id, lastUsedMs });
    this.#hostNames.set(id, name);
    return { id, lastUsedMs };
  }

  #layoutOf(series: readonly Series[], atMs: number): number {
    const known = this.#layouts.get(series) ?? this.#findLayout(series, atMs);
    const isMarked = atMs < known.lastUsedMs + MARK_MS;
    if (!isMarked) this.#run('UPDATE layout SET last_used_ms = ? WHERE id = ?', atMs, known.id);
    this.#layouts.set(series, isMarked ? known : { ...known, lastUsedMs: atMs });
    return known.id;
  }

  #findLayout(series: readonly Series[], atMs: number): Used {
    const text = JSON.stringify(series.map(({ metric, device }) => [metric, device]));
    return (this.#one('SELECT id, last_used_ms AS lastUsedMs FROM layout WHERE series = ?', text) ??
      this.#one(
        'INSERT INTO layout (series, last_used_ms) VALUES (?, ?) RETURNING id, last_used_ms AS lastUsedMs',
        text,
        atMs,
      )) as Used;
  }

  /** @returns `null` if the layout is missing: its blocks cannot be read */
  #seriesOf(layout: number): readonly Series[] | null {
    const known = this.#series.get(layout);
    if (known !== undefined) return known;
    const row = this.#one('SELECT series FROM layout WHERE id = ?', layout) as { series: string } | undefined;
    if (row === undefined) return null;
    const pairs = JSON.parse(row.series) as [Series['metric'], string | null][];
    const series = pairs.map(([metric, device]) => ({ metric, device }));
    if (this.#series.size >= MAX_LAYOUTS) this.#series.clear();
    this.#series.set(layout, series);
    return series;
  }

  #readNames(): void {
    this.#hosts.clear();
    this.#hostNames.clear();
    this.#layouts = new WeakMap();
    this.#series.clear();
    for (const { id, name, lastUsedMs } of this.#all(
      'SELECT id, name, last_used_ms AS lastUsedMs FROM host',
    ) as HostRow[]) {
      this.#hosts.set(name, { id, lastUsedMs });
      this.#hostNames.set(id, name);
    }
  }

  #run(sql: string, ...values: Value[]): number {
    return guardSqlite(() => Number(this.#statement(sql).run(...values).changes));
  }

  #all(sql: string, ...values: Value[]): unknown[] {
    return guardSqlite(() => this.#statement(sql).all(...values));
  }

  #one(sql: string, ...values: Value[]): unknown {
    return guardSqlite(() => this.#statement(sql).get(...values));
  }

  #statement(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }
}

/** Bytes as whole numbers, which SQLite stores in fewer bytes. */
function stored(metric: RankedMetric, value: number): number | null {
  if (Number.isNaN(value)) return null;
  return HISTORY_METRICS[metric].unit.startsWith('bytes') ? Math.round(value) : value;
}

/**
 * Copies a database as it is now, over a connection of its own: SQLite copies none that is being
 * written to (https://sqlite.org/c3ref/backup_finish.html).
 */
async function copySnapshot(from: string, to: string): Promise<void> {
  const source = new DatabaseSync(from, { readOnly: true });
  try {
    source.exec('BEGIN; SELECT count(*) FROM host'); // the first read of a transaction fixes what it sees
    await backup(source, to);
  } finally {
    source.close();
  }
}
