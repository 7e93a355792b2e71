import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TaskId } from '@booner/protocol/task-id';

const prefixOf = (task: TaskId): string => `booner-task-${task}-`;

/** Makes a directory for one run that nobody else can enter (0700, a random name). */
export const makeRunDirectory = (task: TaskId): Promise<string> => mkdtemp(join(tmpdir(), prefixOf(task)));

export const removeRunDirectory = (path: string): Promise<void> => rm(path, { recursive: true, force: true });

/** Removes what an earlier start of the runner, killed in the middle of a run, left behind. */
export async function removeLeftDirectories(task: TaskId): Promise<void> {
  const names = await readdir(tmpdir());
  const left = names.filter((name) => name.startsWith(prefixOf(task)));
  await Promise.all(left.map((name) => removeRunDirectory(join(tmpdir(), name))));
}
