import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const BACKUP = /^history\.backup-/;

/** Returns a new name for a backup that is kept in the folder of a history for a short time. */
export const temporaryBackup = (directory: string): string =>
  join(directory, `history.backup-${randomUUID()}.db`);

/** Deletes the backups that a hub left behind when it was killed. */
export function removeBackups(directory: string): void {
  for (const name of readdirSync(directory)) if (BACKUP.test(name)) rmSync(join(directory, name));
}
