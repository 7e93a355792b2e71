import { HistoryError } from './history-error.ts';

/** Result codes of SQLite (https://sqlite.org/rescode.html): SQLITE_CORRUPT, SQLITE_NOTADB. */
const DAMAGED = [11, 26];

/**
 * Runs an action on a database.
 * @throws HistoryError `damaged` or `disk`, if SQLite or the file system fails
 */
export function guardSqlite<T>(action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof HistoryError || !(error instanceof Error)) throw error;
    const { errcode, syscall } = error as NodeJS.ErrnoException & { readonly errcode?: number };
    if (errcode === undefined && syscall === undefined) throw error;
    const code = DAMAGED.includes((errcode ?? 0) & 0xff) ? 'damaged' : 'disk';
    throw new HistoryError(code, error.message, { cause: error });
  }
}
