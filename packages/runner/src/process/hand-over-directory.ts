import { chown, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Account } from './account.ts';

/**
 * Gives a directory to the account that a process will run as, so that it can write its result there.
 * @returns what keeps the account from getting to it, or `null`
 */
export async function handOverDirectory(
  directory: string,
  { name, uid, gid }: Account,
): Promise<string | null> {
  await chown(directory, uid, gid);
  for (let path = directory; path !== dirname(path); ) {
    path = dirname(path);
    const stats = await stat(path);
    const bit = stats.uid === uid ? 0o100 : stats.gid === gid ? 0o010 : 0o001;
    if (uid !== 0 && (stats.mode & bit) === 0) {
      return `${name} cannot get to ${directory}: mend it with chmod o+x ${path}`;
    }
  }
  return null;
}
