import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import type { Account } from '../accounts/account.ts';
import { openClosedStdio } from './closed-stdio.ts';

export type SpawnCommand = {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly cwd: string;
  /** `null`: the account of this process. */
  readonly switchTo: Account | null;
};

export type Spawned =
  | { readonly ok: true; readonly child: ChildProcess; readonly pid: number }
  | { readonly ok: false; readonly reason: string };

/**
 * Starts a program, without a shell, as the leader of its own process group. As another user it has
 * only that user's primary group.
 */
export async function spawnCommand({ argv, env, cwd, switchTo }: SpawnCommand): Promise<Spawned> {
  const [program = '', ...args] = argv;
  try {
    using closed = openClosedStdio();
    const user = switchTo === null ? {} : { uid: switchTo.uid, gid: switchTo.gid };
    const child = spawn(program, args, { cwd, env, detached: true, stdio: closed.stdio, ...user });
    if (child.pid !== undefined) return { ok: true, child, pid: child.pid };
    const [error] = await once(child, 'error');
    throw error;
  } catch (error) {
    return { ok: false, reason: `cannot start ${argv[0]}: ${await reasonOf(error, cwd)}` };
  }
}

async function reasonOf(error: unknown, cwd: string): Promise<string> {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') {
    try {
      await access(`${cwd}/`, constants.X_OK);
    } catch {
      return `its working directory ${cwd} does not exist or cannot be entered`;
    }
    return code === 'EACCES' ? 'it is not executable' : 'the program was not found';
  }
  return code === 'E2BIG' ? 'its arguments and environment are too large' : message;
}
