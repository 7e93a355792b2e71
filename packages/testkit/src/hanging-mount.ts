import { spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmdirSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A mount whose `statfs` never returns. Disposing of it releases every caller. */
export type HangingMount = Disposable & { readonly folder: string };

/** Mounts a FUSE file system whose daemon never answers, in a new folder. See {@link mayMount}. */
export function mountHanging(): HangingMount {
  const folder = mkdtempSync(join(tmpdir(), 'booner-hung-'));
  const descriptor = openSync('/dev/fuse', 'r+');
  const options = 'fd=3,rootmode=40000,user_id=0,group_id=0';
  const { status, stderr } = spawnSync('mount', ['-i', '-t', 'fuse', '-o', options, 'hanging', folder], {
    stdio: ['ignore', 'ignore', 'pipe', descriptor],
    encoding: 'utf8',
  });
  if (status !== 0) {
    closeSync(descriptor);
    throw new Error(`cannot mount: ${stderr}`);
  }
  return {
    folder,
    [Symbol.dispose]: () => {
      spawnSync('umount', ['--lazy', folder]);
      closeSync(descriptor); // the kernel ends all that waits
      rmdirSync(folder);
    },
  };
}

/** Returns whether this process may mount: as root on Linux, with FUSE. */
export function mayMount(): boolean {
  try {
    accessSync('/dev/fuse', constants.R_OK | constants.W_OK);
    return process.getuid?.() === 0;
  } catch {
    return false; // no such device, or not ours
  }
}

/** Counts a process's threads, and those in uninterruptible sleep (state D in proc(5)). */
export function readThreads(pid: number): { waiting: number; total: number } {
  const threads = readdirSync(`/proc/${pid}/task`);
  const states = threads.map(
    (id) => / ([A-Z]) /.exec(readFileSync(`/proc/${pid}/task/${id}/stat`, 'latin1'))?.[1],
  );
  return { waiting: states.filter((state) => state === 'D').length, total: threads.length };
}
