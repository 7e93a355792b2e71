import { open, rm } from 'node:fs/promises';
import { type History, temporaryBackup } from '@booner/history';
import type { Logger } from '@booner/service';
import { z } from '@hono/zod-openapi';
import type { Context } from 'hono';
import { noteForAudit } from '../access/require-credential.ts';
import type { ReadableOf } from '../fleet/read-scopes.ts';
import { downloadAs } from '../http/download-as.ts';
import { problem } from '../http/problem.ts';
import { type Routes, route, serve } from '../http/route.ts';
import { type OpenFile, sendOpenFile } from '../http/send-open-file.ts';
import {
  fileTime,
  HISTORY_ERRORS,
  historyIsOff,
  unlessReadsAll,
  unlessUnreadable,
} from './history-answers.ts';

type Backups = {
  readonly store: Pick<History, 'stats' | 'backup'>;
  /** Folder of the history, which the copy is written to. */
  readonly directory: string;
};

export type HistoryBackupRoutesDeps = {
  readonly readableOf: ReadableOf;
  /** `null`: only the last minutes are kept. */
  readonly backups: Backups | null;
  readonly log: Logger;
};

const backupRoute = route({
  method: 'get',
  path: '/history/backup',
  access: { role: 'admin', verb: 'history.backup' },
  summary: 'Download a backup of the history',
  description:
    'A consistent copy of the database (SQLite 3), made while the hub records. It is written to the folder of the history before it is sent, so it needs that much free space there. Needs a credential without a read scope.',
  tag: 'status',
  responses: {
    200: { description: 'The database', content: { 'application/vnd.sqlite3': { schema: z.string() } } },
  },
  errors: {
    507: 'There is no room for a copy of the database.',
    ...HISTORY_ERRORS,
    409: 'Another backup is running, or the hub keeps no history.',
  },
});

/** `GET /history/backup`: a consistent copy of the database, one at a time. */
export function historyBackupRoutes({ readableOf, backups, log }: HistoryBackupRoutesDeps): Routes {
  let isRunning = false;
  const end = () => {
    isRunning = false;
  };
  return [
    serve(backupRoute, async (c) => {
      const refusal = unlessReadsAll(c, readableOf, 'This is about all of them.');
      if (refusal !== null) return refusal;
      if (backups === null) return historyIsOff(c);
      const headers = {
        'content-type': 'application/vnd.sqlite3',
        'content-disposition': downloadAs(`booner-history-${fileTime(Date.now())}.db`),
      };
      if (c.req.method === 'HEAD') return c.body(null, 200, headers);
      if (isRunning) {
        const detail = 'Another backup is running. Try again when it has ended.';
        return problem(c, 409, 'Backup in progress', detail);
      }
      isRunning = true;
      const { signal } = c.req.raw;
      const copy = await makeCopy(c, backups).catch((error) => {
        end();
        throw error;
      });
      if (copy instanceof Response) {
        end();
        return copy;
      }
      noteForAudit(c, { detail: mebibytes(copy.size) });
      const body = sendOpenFile(copy, { end, signal, log });
      return c.body(body, 200, { ...headers, 'content-length': String(copy.size) });
    }),
  ];
}

/** Writes a copy, if there is room for it. @returns the answer instead, if it cannot be written */
async function makeCopy(c: Context, { store, directory }: Backups): Promise<OpenFile | Response> {
  const stats = await unlessUnreadable(c, store.stats());
  if (stats instanceof Response) return stats;
  const { fileBytes, freeDiskBytes, minFreeBytes } = stats;
  const room = Math.max(0, (freeDiskBytes ?? 0) - minFreeBytes);
  if (fileBytes > room) {
    const detail = `The backup needs ${mebibytes(fileBytes)} in the folder of the history, where ${mebibytes(room)} may be used. Free some space, or lower BOONER_HISTORY_MIN_FREE.`;
    return problem(c, 507, 'No room for a backup', detail);
  }
  return unlessUnreadable(c, copyTo(temporaryBackup(directory), store));
}

/**
 * Writes a copy, and deletes its name while it is open: its space is free again once it is closed,
 * even if the hub is killed.
 * @throws HistoryError
 */
async function copyTo(name: string, store: Backups['store']): Promise<OpenFile> {
  try {
    await store.backup(name);
    const file = await open(name);
    return { file, size: (await file.stat()).size };
  } finally {
    await rm(name, { force: true });
  }
}

const mebibytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20)} MiB`;
