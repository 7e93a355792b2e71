import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { RANKED_METRICS } from '@booner/protocol/history-metrics';
import { removeBackups } from './backup-file.ts';
import { guardSqlite } from './guard-sqlite.ts';
import { HistoryError } from './history-error.ts';
import { SqliteBlocks } from './sqlite-blocks.ts';

/** Marks the file as a history of Booner (`file` and `PRAGMA application_id` show it): "Boon". */
const APPLICATION_ID = 0x426f_6f6e;
/** Raise it with each change that an older version could not read. */
const FORMAT = 1;
// Tables are in the order of time, so that what is written together lies together. In the order of
// hosts, each block would change a page of its own: seven times the CPU time and disk traffic.
const SCHEMA = `
  -- last_used_ms: start of some block that was written lately.
  CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, last_used_ms INTEGER NOT NULL);
  -- The columns of blocks: a JSON list of [metric, device].
  CREATE TABLE layout (id INTEGER PRIMARY KEY, series TEXT NOT NULL UNIQUE, last_used_ms INTEGER NOT NULL);
  -- tier: 0 raw, 1 10s, 2 1m, 3 10m, 4 1h. data: see docs/decisions.
  CREATE TABLE block (
    tier INTEGER NOT NULL, start_ms INTEGER NOT NULL, host INTEGER NOT NULL REFERENCES host,
    layout INTEGER NOT NULL REFERENCES layout, data BLOB NOT NULL,
    PRIMARY KEY (tier, start_ms, host)
  );
  -- Rollups that are missing, or older than what they are made from.
  CREATE TABLE due (
    tier INTEGER NOT NULL, start_ms INTEGER NOT NULL, host INTEGER NOT NULL REFERENCES host,
    PRIMARY KEY (tier, start_ms, host)
  ) WITHOUT ROWID;
  CREATE TABLE hourly (
    start_ms INTEGER NOT NULL, host INTEGER NOT NULL REFERENCES host, samples INTEGER NOT NULL,
    ${RANKED_METRICS.map((name) => `${name}_avg, ${name}_max`).join(', ')},
    PRIMARY KEY (start_ms, host)
  ) WITHOUT ROWID;
  -- Offline times, restarts, new versions and tasks: marks in charts.
  CREATE TABLE annotation (
    host INTEGER NOT NULL REFERENCES host, at_ms INTEGER NOT NULL, kind TEXT NOT NULL, text TEXT NOT NULL,
    until_ms INTEGER, task TEXT,
    PRIMARY KEY (host, at_ms, kind, text)
  ) WITHOUT ROWID;
  CREATE INDEX annotation_time ON annotation (at_ms);
  PRAGMA application_id = ${APPLICATION_ID};
  PRAGMA user_version = ${FORMAT};
`;

const FILE = 'history.db';
const LOCK_FILE = 'history.lock';
const SET_ASIDE = /^history\.damaged-.*$/;

export type OpenOptions = {
  /** Notified when a damaged file has been set aside, with its new name. */
  readonly onDamage: (file: string, error: HistoryError) => void;
};

/**
 * Opens the history in a folder, and makes it if it is missing. A damaged file is renamed, and a
 * new one is begun; one that was set aside before is deleted, so that the disk does not fill.
 * @throws HistoryError `locked`, `newer_format` or `disk`
 */
export function openSqliteBlocks(directory: string, { onDamage }: OpenOptions): SqliteBlocks {
  guardSqlite(() => mkdirSync(directory, { recursive: true, mode: 0o700 }));
  const lock = lockFolder(directory);
  const file = join(directory, FILE);
  try {
    guardSqlite(() => removeBackups(directory));
    try {
      return openFile(file, lock);
    } catch (error) {
      if (!(error instanceof HistoryError) || error.code !== 'damaged') throw error;
      onDamage(setAside(directory), error);
      return openFile(file, lock);
    }
  } catch (error) {
    lock[Symbol.dispose]();
    throw error;
  }
}

function openFile(file: string, lock: Disposable): SqliteBlocks {
  return guardSqlite(() => {
    // Checking references would read every block when a host or a layout is deleted.
    const database = new DatabaseSync(file, { enableForeignKeyConstraints: false });
    try {
      prepare(database);
      return new SqliteBlocks(file, database, lock);
    } catch (error) {
      database.close();
      throw error;
    }
  });
}

/**
 * Keeps other hubs out of a folder, by a lock of SQLite on a second file: the system releases it
 * when the process ends, however it ends. The history itself stays open to readers.
 */
function lockFolder(directory: string): Disposable {
  const database = guardSqlite(() => new DatabaseSync(join(directory, LOCK_FILE)));
  try {
    guardSqlite(() => database.exec('PRAGMA journal_mode = DELETE; BEGIN EXCLUSIVE'));
  } catch (error) {
    database.close();
    if (isBusy(error)) {
      throw new HistoryError(
        'locked',
        `another hub uses ${directory}: set BOONER_HISTORY_DIR for one of them`,
      );
    }
    throw error;
  }
  return { [Symbol.dispose]: () => database.close() };
}

/** SQLITE_BUSY */
const isBusy = (error: unknown): boolean =>
  error instanceof HistoryError &&
  ((error.cause as { errcode?: number } | undefined)?.errcode ?? 0) % 256 === 5;

/** @returns the new name of the file */
function setAside(directory: string): string {
  return guardSqlite(() => {
    for (const name of readdirSync(directory)) if (SET_ASIDE.test(name)) rmSync(join(directory, name));
    const time = new Date().toISOString().replaceAll(':', '');
    const name = (suffix: string) => join(directory, `history.damaged-${time}.db${suffix}`);
    for (const suffix of ['', '-wal', '-shm']) {
      const file = join(directory, `${FILE}${suffix}`);
      if (existsSync(file)) renameSync(file, name(suffix));
    }
    return name('');
  });
}

function prepare(database: DatabaseSync): void {
  const pragma = (name: string) => Object.values(database.prepare(`PRAGMA ${name}`).get() ?? {})[0];
  const isNew = pragma('page_count') === 0;
  if (isNew) database.exec('PRAGMA auto_vacuum = INCREMENTAL');
  else if (pragma('application_id') !== APPLICATION_ID)
    throw new HistoryError('damaged', 'the file is not a history');
  const format = Number(pragma('user_version'));
  if (format > FORMAT) {
    throw new HistoryError(
      'newer_format',
      `the history was written by a newer version of Booner (format ${format}, this version reads ${FORMAT})`,
    );
  }
  // FULL syncs each commit, so a power cut loses what was not committed, and nothing else.
  database.exec(`
    PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000;
    PRAGMA journal_size_limit = 16777216; PRAGMA cache_size = -8192; PRAGMA temp_store = MEMORY`);
  if (isNew) database.exec(`BEGIN; ${SCHEMA} COMMIT`);
}
