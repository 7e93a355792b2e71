import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessStat } from './process-stat.ts';
import { identityOf, type TaskProcesses } from './task-processes.ts';

/** How long a process is waited for after SIGKILL: the kernel ends no process that is in uninterruptible sleep. */
const KILL_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 20;
/** Looks in a row that find nothing; a process that is just being replaced by `exec` shows no environment for a moment. */
const CLEAN_LOOKS = 2;

export type EndProcessesOptions = {
  /** Process group that gets signals as one; `null` when none is known. */
  readonly groupId: number | null;
  /** Returns the instant of KILL on the monotonic clock. Read at each look: it may move closer. */
  readonly killAtMs: () => number;
  /** After KILL; default 60 s. */
  readonly killTimeoutMs?: number;
};

export type EndedProcesses = { readonly count: number; readonly left: readonly ProcessStat[] };

/** Sets KILL to `graceMs` from now. */
export function killAfter(graceMs: number): () => number {
  const atMs = performance.now() + graceMs;
  return () => atMs;
}

/**
 * Ends processes until a look finds none: TERM, later KILL; also those that appear meanwhile. A
 * process group is signalled as one, so that none of its members forks in between.
 * @returns how many were found, and which are still there `killTimeoutMs` after KILL
 */
export async function endProcesses(
  { find }: TaskProcesses,
  { groupId, killAtMs, killTimeoutMs = KILL_TIMEOUT_MS }: EndProcessesOptions,
): Promise<EndedProcesses> {
  const asked = new Set<string>();
  let cleanLooks = 0;
  for (;;) {
    const alive = await find();
    cleanLooks = alive.length === 0 ? cleanLooks + 1 : 0;
    if (cleanLooks === CLEAN_LOOKS) return { count: asked.size, left: [] };
    const remainingMs = killAtMs() - performance.now();
    if (alive.length > 0 && remainingMs < -killTimeoutMs) return { count: asked.size, left: alive };
    if (remainingMs > 0) askToEnd(alive, groupId, asked);
    else kill(alive, groupId, asked);
    await delay(remainingMs > 0 ? Math.min(LOOK_EVERY_MS, remainingMs) : LOOK_EVERY_MS);
  }
}

/** Once each: many programs take a second TERM for a wish to skip their tidying up. A stopped process does not see it before CONT. */
function askToEnd(alive: readonly ProcessStat[], groupId: number | null, asked: Set<string>): void {
  const fresh = alive.filter((each) => !asked.has(identityOf(each)));
  const inGroup = fresh.filter((each) => each.groupId === groupId);
  const groupIsFresh =
    inGroup.length > 0 && alive.every((each) => each.groupId !== groupId || fresh.includes(each));
  const targets = groupIsFresh
    ? fresh.filter((each) => each.groupId !== groupId).map(({ pid }) => pid)
    : fresh.map(({ pid }) => pid);
  if (groupIsFresh && groupId !== null) targets.unshift(-groupId);
  for (const target of targets) {
    sendSignal(target, 'SIGTERM');
    sendSignal(target, 'SIGCONT');
  }
  for (const each of fresh) asked.add(identityOf(each));
}

function kill(alive: readonly ProcessStat[], groupId: number | null, asked: Set<string>): void {
  if (groupId !== null && alive.some((each) => each.groupId === groupId)) sendSignal(-groupId, 'SIGKILL');
  for (const each of alive) {
    asked.add(identityOf(each));
    if (each.groupId !== groupId) sendSignal(each.pid, 'SIGKILL');
  }
}

/** A process that is gone needs no signal; one that may not get it is among those that are left in the end. */
function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
