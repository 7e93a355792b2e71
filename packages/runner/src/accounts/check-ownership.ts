import type { Stats } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';

const ROOT = 0;
const GROUP_OR_WORLD_WRITABLE = 0o022;
/** In such a folder only the owner of an entry may rename or remove it, as in /tmp. */
const STICKY = 0o1000;

/** The account that this process acts as; `null` where the system has none. */
export const runnerUid = (): number | null => process.geteuid?.() ?? null;

/**
 * Whether nobody but root and the runner's user can change a file or a folder. A write bit of the group counts as anybody: who is in
 * a group changes without a trace in the file. Access control lists show in that bit as well (acl(5), the mask).
 * @returns what is wrong and how to mend it, or `null`
 */
export function faultOfOwner(path: string, stats: Stats, uid: number | null): string | null {
  if (uid === null) return null;
  if (stats.uid !== ROOT && stats.uid !== uid) {
    return `${path} belongs to user ${stats.uid}; it must be root's or the runner's own (chown root ${path})`;
  }
  if ((stats.mode & GROUP_OR_WORLD_WRITABLE) !== 0) {
    const mode = (stats.mode & 0o7777).toString(8).padStart(4, '0');
    return `${path} can be written by others than its owner (mode ${mode}); mend it with: chmod go-w ${path}`;
  }
  return null;
}

/**
 * Holds a folder, and every folder above it, against {@link faultOfOwner}: who can rename a folder can put another in its place. Above
 * the folder itself, a sticky one may be writable.
 * @param folder a real path, without symbolic links
 */
export async function faultOfFolder(folder: string, uid: number | null): Promise<string | null> {
  for (let path = folder; ; path = dirname(path)) {
    const stats = await stat(path);
    const mode =
      path !== folder && (stats.mode & STICKY) !== 0 ? stats.mode & ~GROUP_OR_WORLD_WRITABLE : stats.mode;
    const fault = faultOfOwner(path, Object.assign(stats, { mode }), uid);
    if (fault !== null || path === dirname(path)) return fault;
  }
}
