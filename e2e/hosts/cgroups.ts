import { mkdir, readdir, readFile, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';

const MOUNT = '/sys/fs/cgroup';
/**
 * A new group of this controller takes no process until its processors are set, and systemd leaves
 * it alone.
 */
const LEFT_ALONE = 'cpuset';
const EMPTY_DEADLINE_MS = 60_000;

/**
 * Makes a control group of this name in each hierarchy, below this process's own, and returns their
 * folders. Without them, the systemds of all hosts would share the same groups (`payload`).
 */
export async function makeControlGroups(name: string): Promise<string[]> {
  const folders = (await ownControlGroups()).map((folder) => join(folder, name));
  for (const folder of folders) await mkdir(folder, { recursive: true });
  return folders;
}

/** Folders of all control groups on this machine with names like that, at whatever depth. */
export async function findControlGroups(name: RegExp): Promise<string[]> {
  const entries = await readdir(MOUNT, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isDirectory() && name.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name));
}

/**
 * Kills every process in the groups and in those below them, waits for their end, and removes the
 * groups.
 */
export async function removeControlGroups(folders: readonly string[]): Promise<void> {
  await eventually(
    async () => {
      const all = (await Promise.all(folders.map(foldersBelow))).flat();
      const pids = (await Promise.all(all.map(processesOf))).flat();
      for (const pid of pids) kill(pid);
      for (const folder of all) await rmdir(folder).catch(ignoreAbsence); // EBUSY while a process is in it
      return true;
    },
    { deadlineMs: EMPTY_DEADLINE_MS, what: `the processes in ${folders[0]} to end` },
  );
}

/** The folders of this process's groups, one per hierarchy; see cgroups(7) for the format. */
async function ownControlGroups(): Promise<string[]> {
  const isUnifiedOnly = (await readdir(MOUNT)).includes('cgroup.controllers');
  const lines = (await readFile('/proc/self/cgroup', 'utf8')).trim().split('\n');
  return lines.flatMap((line) => {
    const [, id, controllers, path] = /^(\d+):([^:]*):(.*)$/.exec(line) ?? [];
    if (id === undefined || path === undefined || controllers === LEFT_ALONE) return [];
    if (id === '0') return [join(MOUNT, isUnifiedOnly ? '' : 'unified', path)];
    return [join(MOUNT, controllers!.replace('name=', ''), path)];
  });
}

/** A folder and all below it, the deepest first. */
async function foldersBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => null);
  if (entries === null) return [];
  const folders = entries.filter((entry) => entry.isDirectory()).map((entry) => join(folder, entry.name));
  return [...(await Promise.all(folders.map(foldersBelow))).flat(), folder];
}

async function processesOf(folder: string): Promise<number[]> {
  const content = await readFile(join(folder, 'cgroup.procs'), 'utf8').catch(() => '');
  return content
    .split('\n')
    .map(Number)
    .filter((pid) => pid > 0);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    ignoreAbsence(error as NodeJS.ErrnoException);
  }
}

function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT' && error.code !== 'ESRCH') throw error;
}
