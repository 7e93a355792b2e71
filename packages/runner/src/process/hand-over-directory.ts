import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from '../accounts/account.ts';

const GROUP_OR_WORLD_WRITABLE = 0o022;
/** Only the owner of an entry can rename or remove it, as in /tmp. */
const STICKY = 0o1000;

/**
 * Changes the owner of a directory to the account that a process will run as, so that it can write
 * its result there. Refuses a place where the account could swap in another directory, on which
 * root would work afterwards. The account may be in any group.
 * @returns the issue and its fix, if the account cannot reach the directory or it is unsafe; or
 * `null`
 */
export async function handOverDirectory(
  directory: string,
  { name, uid, gid }: Account,
): Promise<string | null> {
  for (let path = directory; path !== dirname(path); ) {
    path = dirname(path);
    const { mode, ...owner } = await stat(path);
    const mayRename = (mode & GROUP_OR_WORLD_WRITABLE) !== 0 && (mode & STICKY) === 0;
    if (owner.uid === uid || mayRename) {
      return `${name} may be able to rename folders in ${path}, above the run directory: choose another BOONER_RUNS_DIR`;
    }
    if ((mode & (owner.gid === gid ? 0o010 : 0o001)) === 0) {
      return `${name} cannot reach ${directory}: run chmod o+x ${path}, or choose another BOONER_RUNS_DIR`;
    }
  }
  await chown(directory, uid, gid);
  return null;
}
