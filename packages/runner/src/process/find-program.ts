import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { resolve } from 'node:path';

export type FoundProgram =
  | { readonly ok: true; readonly path: string }
  | { readonly ok: false; readonly reason: string };

/**
 * Finds the file that `execvp` (POSIX) would run for a program.
 * @param path value of `PATH`, which is searched for a name without a slash
 * @param cwd base of a relative name with a slash
 */
export async function findProgram(
  program: string,
  { path, cwd }: { readonly path: string; readonly cwd: string },
): Promise<FoundProgram> {
  const candidates = program.includes('/')
    ? [resolve(cwd, program)]
    : path.split(':').map((folder) => resolve(cwd, folder, program));
  let reason = 'the program was not found';
  for (const candidate of candidates) {
    if (!(await isFile(candidate))) continue;
    if (await isExecutable(candidate)) return { ok: true, path: candidate };
    reason = 'it is not executable';
  }
  return { ok: false, reason };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).syscall !== undefined) return false;
    throw error;
  }
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
