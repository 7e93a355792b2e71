import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

/** An account that a process runs as. */
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

/** The account database may depend on a directory service that is unreachable. */
const LOOKUP_TIMEOUT_MS = 5000;
const NO_HOME = '/';
const NO_SHELL = '/bin/sh';

/**
 * Returns the account of this process. One without a database entry, as in some containers, is
 * named by its number.
 */
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
 * Looks up the account that an action names. Refuses one that this process cannot switch to: only
 * root can change users.
 * @param name `null` for the account of this process
 */
export async function findAccount(name: string | null): Promise<FoundAccount> {
  const own = ownAccount();
  if (name === null || name === own.name) return { ok: true, account: own };
  if (own.uid !== 0) {
    return { ok: false, reason: `only root can run it as ${name}; the runner runs as ${own.name}` };
  }
  try {
    const account = (await lookUpByGetent(name)) ?? (await lookUpById(name));
    return account ? { ok: true, account } : { ok: false, reason: `user ${name} does not exist` };
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    return { ok: false, reason: `user ${name} could not be looked up: ${detail}` };
  }
}

/** @returns `null` if the account or `getent` does not exist */
async function lookUpByGetent(name: string): Promise<Account | null> {
  const line = await outputOf('getent', ['passwd', name]);
  // passwd(5): name:password:uid:gid:comment:home:shell
  const [found, , uid, gid, , home, shell] = line?.trimEnd().split(':') ?? [];
  if (found !== name) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: home || NO_HOME, shell: shell || NO_SHELL };
}

/** Fallback for systems without `getent`. */
async function lookUpById(name: string): Promise<Account | null> {
  const [uid, gid] = await Promise.all([outputOf('id', ['-u', name]), outputOf('id', ['-g', name])]);
  if (uid === null || gid === null) return null;
  return { name, uid: Number(uid), gid: Number(gid), home: NO_HOME, shell: NO_SHELL };
}

/** @returns `null` if the program is missing, or its exit code says that it found nothing */
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
