import { readFileSync } from 'node:fs';
import { link, readFile, rename, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { newInstanceId } from '@booner/protocol/instance-id';
import { z } from 'zod';
import { RunnerError } from '../runner-error.ts';

const holderSchema = z.object({
  pid: z.int().positive(),
  /**
   * Clock ticks from the boot of the machine to the start of the process (proc(5), stat, field 22);
   * `null` where there is no /proc.
   */
  startTicks: z.string().nullable(),
  /** Names the current boot: process IDs and ticks start again with the next one. */
  bootId: z.string().nullable(),
});
type Holder = z.infer<typeof holderSchema>;

/**
 * Locks a directory for this process with a file `lock` in it. Takes over the lock of a process
 * that has ended.
 * @throws RunnerError `state_locked` if a running process holds it; an Error of the system
 */
export async function lockDirectory(directory: string): Promise<AsyncDisposable> {
  const path = join(directory, 'lock');
  const own = `${path}.${newInstanceId()}`;
  const text = `${JSON.stringify(holderOf(process.pid))}\n`;
  await writeFile(own, text, { mode: 0o600, flag: 'wx' });
  try {
    await takeLock(directory, path, own);
  } finally {
    await unlink(own);
  }
  return {
    [Symbol.asyncDispose]: async () => {
      if ((await readIfThere(path)) === text) await unlink(path);
    },
  };
}

async function takeLock(directory: string, path: string, own: string): Promise<void> {
  // A link appears with its content in one step, so no half-written lock is visible.
  if (await linkIfFree(own, path)) return;
  const found = await readIfThere(path);
  const holder = found === null ? null : parseHolder(found);
  if (holder !== null && isRunning(holder)) throw lockedBy(directory, holder);
  const stale = `${own}.stale`;
  if (found !== null && (await renameIfThere(path, stale))) {
    const taken = await readFile(stale, 'utf8');
    // Another runner took over the stale lock first: it gets its own lock back.
    if (taken !== found) await linkIfFree(stale, path);
    await unlink(stale);
  }
  if (await linkIfFree(own, path)) return;
  throw lockedBy(directory, parseHolder((await readIfThere(path)) ?? ''));
}

function lockedBy(directory: string, holder: Holder | null): RunnerError {
  const who = holder === null ? 'another runner' : `the runner with process ID ${holder.pid}`;
  return new RunnerError(
    'state_locked',
    `${directory} is in use by ${who}: give each runner its own state directory`,
  );
}

function isRunning({ pid, startTicks, bootId }: Holder): boolean {
  const now = holderOf(pid);
  if (now.bootId !== bootId || now.startTicks !== startTicks) return false;
  if (now.startTicks !== null) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function holderOf(pid: number): Holder {
  // The second field, the program's name, may contain blanks and brackets: count after its end.
  const stat = readProcFile(`/proc/${pid}/stat`);
  const startTicks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
  return { pid, startTicks, bootId: readProcFile('/proc/sys/kernel/random/boot_id')?.trim() ?? null };
}

function readProcFile(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function parseHolder(text: string): Holder | null {
  try {
    return holderSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

async function linkIfFree(from: string, to: string): Promise<boolean> {
  return unlessCode('EEXIST', () => link(from, to));
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  return unlessCode('ENOENT', () => rename(from, to));
}

async function unlessCode(code: string, run: () => Promise<void>): Promise<boolean> {
  try {
    await run();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === code) return false;
    throw error;
  }
}

async function readIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
