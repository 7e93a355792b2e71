import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const ROOT = 0;
const GROUP_OR_WORLD_WRITABLE = 0o022;
/** Restricts renaming and removing an entry to its owner, as in /tmp. */
const STICKY = 0o1000;

/** Returns the user ID that this process acts as; `null` where the system has none. */
export const runnerUid = (): number | null => process.geteuid?.() ?? null;

/**
 * Checks that only root and the runner's user can change a file or a folder. A write bit of the
 * group is refused: group membership can change without a trace in the file. Access control lists
 * show in that bit, too (acl(5), the mask).
 * @returns the issue and its fix, or `null`
 */
export function findOwnerIssue(path: string, stats: Stats, uid: number | null): string | null {
  if (uid === null) return null;
  if (stats.uid !== ROOT && stats.uid !== uid) {
    return `${path} belongs to user ${stats.uid}; it must belong to root or to the runner's user; fix it with: chown root ${path}`;
  }
  if ((stats.mode & GROUP_OR_WORLD_WRITABLE) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
    return `${path} is writable by users other than its owner (mode ${mode}); fix it with: chmod go-w ${path}`;
  }
  return null;
}

/**
 * Checks a folder and every folder above it with {@link findOwnerIssue}: an account that can rename
 * a folder can put another one in its place. Folders above the first may be writable if they are
 * sticky.
 * @param folder a real path, without symbolic links
 */
export async function findFolderIssue(folder: string, uid: number | null): Promise<string | null> {
  for (let path = folder; ; path = dirname(path)) {
    const stats = await stat(path);
    const mode =
      path !== folder && (stats.mode & STICKY) !== 0 ? stats.mode & ~GROUP_OR_WORLD_WRITABLE : stats.mode;
    const issue = findOwnerIssue(path, Object.assign(stats, { mode }), uid);
    if (issue !== null || path === dirname(path)) return issue;
  }
}
