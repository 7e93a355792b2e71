import { statfsSync, statSync } from 'node:fs';
import { backup, type DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Annotation } from '@booner/protocol';
import {
  HISTORY_METRICS,
  RANKED_METRICS,
  type RankedMetric,
  type Series,
} from '@booner/protocol/history-metrics';
import type { Block, BlockPlace, BlockStore, HourSummary, RankedHost, StoreSize } from './block-store.ts';
import { guardSqlite } from './guard-sqlite.ts';
import { HistoryError } from './history-error.ts';

/** Annotations that began earlier are not searched: no task runs for longer. */
const MAX_ANNOTATION_MS = 2 * 86_400_000;
const PAGES_PER_SHRINK = 256;
/** A layout that is in use is marked again after this share of an hour. */
const LAYOUT_MARK_MS = 3_600_000;

/** Keeps blocks in one SQLite file. */
export class SqliteBlocks implements BlockStore {
  readonly #database: DatabaseSync;
  readonly #lock: Disposable;
  readonly #file: string;
  readonly #statements = new Map<string, StatementSync>();
  readonly #hostIds = new Map<string, number>();
  readonly #hostNames = new Map<number, string>();
  readonly #layoutIds = new Map<string, { readonly id: number; markedMs: number }>();
  readonly #layouts = new Map<number, readonly Series[]>();
  readonly #texts = new WeakMap<readonly Series[], string>();
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
    return [...this.#hostIds.keys()];
  }

  read(host: string, tier: number, fromMs: number, toMs: number): Block[] {
    const id = this.#hostIds.get(host);
    if (id === undefined) return [];
    const rows = this.#all(
      'SELECT start_ms, layout, data FROM block WHERE host = ? AND tier = ? AND start_ms >= ? AND start_ms < ? ORDER BY start_ms',
      id,
      tier,
      fromMs,
      toMs,
    ) as { start_ms: number; layout: number; data: Uint8Array }[];
    return rows.map(({ start_ms: startMs, layout, data }) => ({
      startMs,
      series: this.#seriesOf(layout),
      data,
    }));
  }

  write({ host, tier, startMs }: BlockPlace, { series, data }: Pick<Block, 'series' | 'data'>): void {
    this.#run(
      'INSERT OR REPLACE INTO block (host, tier, start_ms, layout, data) VALUES (?, ?, ?, ?, ?)',
      this.#idOf(host),
      tier,
      startMs,
      this.#layoutOf(series, startMs),
      data,
    );
  }

  oldestMs(tier: number, host?: string): number | null {
    let oldestMs: number | null = null;
    for (const [id, name] of this.#hostNames) {
      if (host !== undefined && name !== host) continue;
      const [row] = this.#all('SELECT min(start_ms) AS ms FROM block WHERE host = ? AND tier = ?', id, tier);
      const ms = (row as { ms: number | null }).ms;
      if (ms !== null && (oldestMs === null || ms < oldestMs)) oldestMs = ms;
    }
    return oldestMs;
  }

  newestMs(host: string, tier: number): number | null {
    const id = this.#hostIds.get(host);
    if (id === undefined) return null;
    const [row] = this.#all('SELECT max(start_ms) AS ms FROM block WHERE host = ? AND tier = ?', id, tier);
    return (row as { ms: number | null }).ms;
  }

  deleteBefore(tier: number, beforeMs: number, limit: number): number {
    let deleted = 0;
    for (const id of this.#hostNames.keys()) {
      if (deleted >= limit) break;
      deleted += this.#run(
        `DELETE FROM block WHERE host = ?1 AND tier = ?2 AND start_ms IN
          (SELECT start_ms FROM block WHERE host = ?1 AND tier = ?2 AND start_ms < ?3 ORDER BY start_ms LIMIT ?4)`,
        id,
        tier,
        beforeMs,
        limit - deleted,
      );
    }
    return deleted;
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
      'INSERT OR IGNORE INTO due (host, tier, start_ms) VALUES (?, ?, ?)',
      this.#idOf(host),
      tier,
      startMs,
    );
  }

  removeDue({ host, tier, startMs }: BlockPlace): void {
    this.#run(
      'DELETE FROM due WHERE host = ? AND tier = ? AND start_ms = ?',
      this.#idOf(host),
      tier,
      startMs,
    );
  }

  writeHour(host: string, startMs: number, { samples, avg, max }: HourSummary): void {
    const values = RANKED_METRICS.flatMap((name, index) => [
      stored(name, avg[index] as number),
      stored(name, max[index] as number),
    ]);
    this.#run(
      `INSERT OR REPLACE INTO hourly VALUES (?, ?, ?${', ?'.repeat(values.length)})`,
      this.#idOf(host),
      startMs,
      samples,
      ...values,
    );
  }

  rankHours(metric: RankedMetric, fromMs: number, toMs: number): RankedHost[] {
    const rows: { host: string; samples: number; avg: number; max: number }[] = [];
    for (const [id, host] of this.#hostNames) {
      const [row] = this.#all(
        `SELECT sum(samples) AS samples, sum(${metric}_avg * samples) / sum(samples) AS avg, max(${metric}_max) AS max
          FROM hourly WHERE host = ? AND start_ms >= ? AND start_ms < ? AND ${metric}_avg IS NOT NULL`,
        id,
        fromMs,
        toMs,
      ) as { samples: number | null; avg: number; max: number }[];
      if (row !== undefined && row.samples !== null) rows.push({ host, ...row, samples: row.samples });
    }
    return rows;
  }

  deleteHoursBefore(beforeMs: number): void {
    for (const id of this.#hostNames.keys())
      this.#run('DELETE FROM hourly WHERE host = ? AND start_ms < ?', id, beforeMs);
  }

  annotate(host: string, { atMs, kind, text, untilMs, taskId }: Annotation): void {
    this.#run(
      'INSERT OR REPLACE INTO annotation (host, at_ms, kind, text, until_ms, task) VALUES (?, ?, ?, ?, ?, ?)',
      this.#idOf(host),
      atMs,
      kind,
      text,
      untilMs,
      taskId,
    );
  }

  annotations(host: string, fromMs: number, toMs: number): Annotation[] {
    const id = this.#hostIds.get(host);
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
    for (const id of this.#hostNames.keys())
      this.#run('DELETE FROM annotation WHERE host = ? AND at_ms < ?', id, beforeMs);
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
    await backup(this.#database, file);
  }

  shrink(): boolean {
    this.#all(`PRAGMA incremental_vacuum(${PAGES_PER_SHRINK})`);
    return Number(Object.values(this.#all('PRAGMA freelist_count')[0] ?? {})[0]) > PAGES_PER_SHRINK;
  }

  [Symbol.dispose](): void {
    this.rollBack();
    this.#statements.clear();
    this.#database.close();
    this.#lock[Symbol.dispose]();
  }

  #idOf(host: string): number {
    const known = this.#hostIds.get(host);
    if (known !== undefined) return known;
    this.#run('INSERT INTO host (name) VALUES (?)', host);
    const id = Number((this.#all('SELECT id FROM host WHERE name = ?', host)[0] as { id: number }).id);
    this.#hostIds.set(host, id);
    this.#hostNames.set(id, host);
    return id;
  }

  #layoutOf(series: readonly Series[], atMs: number): number {
    const text =
      this.#texts.get(series) ?? JSON.stringify(series.map(({ metric, device }) => [metric, device]));
    this.#texts.set(series, text);
    const known = this.#layoutIds.get(text);
    if (known !== undefined && atMs < known.markedMs + LAYOUT_MARK_MS) return known.id;
    this.#run(
      `INSERT INTO layout (series, last_used_ms) VALUES (?1, ?2)
        ON CONFLICT (series) DO UPDATE SET last_used_ms = max(last_used_ms, ?2)`,
      text,
      atMs,
    );
    const { id } = this.#all('SELECT id FROM layout WHERE series = ?', text)[0] as { id: number };
    this.#layoutIds.set(text, { id, markedMs: atMs });
    return id;
  }

  #seriesOf(layout: number): readonly Series[] {
    const known = this.#layouts.get(layout);
    if (known !== undefined) return known;
    const row = this.#all('SELECT series FROM layout WHERE id = ?', layout)[0] as
      | { series: string }
      | undefined;
    if (row === undefined) throw new HistoryError('damaged', `layout ${layout} is missing`);
    const series = (JSON.parse(row.series) as [Series['metric'], string | null][]).map(
      ([metric, device]) => ({
        metric,
        device,
      }),
    );
    this.#layouts.set(layout, series);
    return series;
  }

  #readNames(): void {
    this.#hostIds.clear();
    this.#hostNames.clear();
    this.#layoutIds.clear();
    this.#layouts.clear();
    for (const { id, name } of this.#all('SELECT id, name FROM host') as { id: number; name: string }[]) {
      this.#hostIds.set(name, id);
      this.#hostNames.set(id, name);
    }
  }

  #run(sql: string, ...values: (number | string | null | Uint8Array)[]): number {
    return guardSqlite(() => Number(this.#statement(sql).run(...values).changes));
  }

  #all(sql: string, ...values: (number | string)[]): unknown[] {
    return guardSqlite(() => this.#statement(sql).all(...values));
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
