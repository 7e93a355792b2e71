import { once } from 'node:events';
import { lstat, rm, rmdir } from 'node:fs/promises';
import type { Account } from '../accounts/account.ts';
import { spawnCommand } from '../process/spawn-command.ts';

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/**
 * Time limit of one command. Processes left by an action can stop or slow down those of its
 * account.
 */
const COMMAND_TIMEOUT_MS = 30_000;
/** GNU option: leaves file systems mounted in the directory alone. */
const REMOVE = ['rm', '-rf', ...(process.platform === 'linux' ? ['--one-file-system'] : []), '--'];
const MAKE_WRITABLE = ['chmod', '-R', 'u+rwx', '--'];

export type RemovedDirectory =
  | { readonly ok: true }
  | { readonly ok: false; readonly uid: number | null; readonly error: unknown };

/**
 * Removes the directory of a run, which the account of the run owns.
 *
 * That account can replace folders in it with symbolic links at any moment, and root would follow
 * them anywhere. So root runs `rm` as the owner, which reaches no more than the owner does, and
 * then removes the empty directory with `rmdir`, which follows no links. A runner that is not root
 * has no rights that its actions lack, and deletes by itself.
 * @param directory in a folder that only root and the runner's account can write
 * @returns not ok if something is left: files that the owner cannot remove, mounts, or a process
 * that keeps writing
 */
export async function removeRunDirectory(directory: string, signal: AbortSignal): Promise<RemovedDirectory> {
  let owner: Pick<Account, 'uid' | 'gid'> | null = null;
  try {
    if (process.geteuid?.() !== 0) {
      await rm(directory, { recursive: true, force: true });
      return { ok: true };
    }
    if (await removeIfEmpty(directory)) return { ok: true };
    const { uid, gid } = await lstat(directory);
    owner = { uid, gid };
    await runAs(owner, [...REMOVE, directory], signal);
    if (await removeIfEmpty(directory)) return { ok: true };
    // `rm` enters no folder without the owner's permission bits, such as the read-only ones of some
    // package caches. Root needs no bits, and would change them where a link leads.
    if (uid !== 0) await runAs(owner, [...MAKE_WRITABLE, directory], signal);
    await runAs(owner, [...REMOVE, directory], signal);
    await rmdir(directory);
    return { ok: true };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { ok: true };
    return { ok: false, uid: owner?.uid ?? null, error };
  }
}

/** @returns whether the directory is gone */
async function removeIfEmpty(directory: string): Promise<boolean> {
  try {
    await rmdir(directory);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return true;
    if (code === 'ENOTEMPTY' || code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Runs a command to its end and ignores its exit code: the state of the directory counts.
 * @throws Error if it cannot be started or does not end in time
 */
async function runAs(
  { uid, gid }: Pick<Account, 'uid' | 'gid'>,
  argv: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const spawned = await spawnCommand({
    argv,
    env: { PATH, LC_ALL: 'C' },
    cwd: '/',
    switchTo: uid === 0 ? null : { name: String(uid), uid, gid, home: '/', shell: '/bin/sh' },
  });
  if (!spawned.ok) throw new Error(spawned.reason);
  const { child, pid } = spawned;
  child.stdout?.resume();
  child.stderr?.resume();
  try {
    await once(child, 'exit', { signal: AbortSignal.any([signal, AbortSignal.timeout(COMMAND_TIMEOUT_MS)]) });
  } catch (error) {
    killGroup(pid); // without waiting: it can only delete what its account could
    throw error;
  } finally {
    child.stdout?.destroy();
    child.stderr?.destroy();
  }
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
