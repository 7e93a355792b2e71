import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

/** Whom a process runs as. */
export type Account = {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
  readonly home: string;
  readonly shell: string;
};

export type FoundAccount =
  | { readonly ok: true; readonly account: Account }
  | { readonly ok: false; readonly reason: string };

/** A directory service behind the account database may be away. */
const LOOKUP_TIMEOUT_MS = 5000;
const NO_HOME = '/';
const NO_SHELL = '/bin/sh';

/** The account of this process. One that is in no database, as in some containers, goes by its number. */
export function ownAccount(): Account {
  try {
    const { username, uid, gid, homedir, shell } = userInfo();
    return { name: username, uid, gid, home: homedir, shell: shell ?? NO_SHELL };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_SYSTEM_ERROR') throw error;
    const uid = process.geteuid?.() ?? -1;
    return { name: String(uid), uid, gid: process.getegid?.() ?? -1, home: NO_HOME, shell: NO_SHELL };
  }
}

/**
 * Looks up the account that an action names, and whether this process may run something as it: only root can change users.
 * @param name `null` for this process's own account
 */
export async function findAccount(name: string | null): Promise<FoundAccount> {
  const own = ownAccount();
  if (name === null || name === own.name) return { ok: true, account: own };
  if (own.uid !== 0) {
    return { ok: false, reason: `only root can run it as ${name}; the runner runs as ${own.name}` };
  }
  try {
    const account = (await lookUpByGetent(name)) ?? (await lookUpById(name));
    return account ? { ok: true, account } : { ok: false, reason: `there is no user ${name}` };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `user ${name} could not be looked up: ${detail}` };
  }
}

/** @returns `null` when there is no such account, or no `getent` */
async function lookUpByGetent(name: string): Promise<Account | null> {
  const line = await outputOf('getent', ['passwd', name]);
  // passwd(5): name:password:uid:gid:comment:home:shell
  const [found, , uid, gid, , home, shell] = line?.trimEnd().split(':') ?? [];
  if (found !== name) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: home || NO_HOME, shell: shell || NO_SHELL };
}

/** For systems without `getent`. */
async function lookUpById(name: string): Promise<Account | null> {
  const [uid, gid] = await Promise.all([outputOf('id', ['-u', name]), outputOf('id', ['-g', name])]);
  if (uid === null || gid === null) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: NO_HOME, shell: NO_SHELL };
}

/** @returns `null` when the program is not there, or says by its exit code that it found nothing */
async function outputOf(command: string, args: readonly string[]): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)(command, [...args], { timeout: LOOKUP_TIMEOUT_MS });
    return stdout;
  } catch (error) {
    const { code, killed } = error as { code?: unknown; killed?: boolean };
    if (!killed && (typeof code === 'number' || code === 'ENOENT')) return null;
    throw error;
  }
}
