import { setTimeout as delay } from 'node:timers/promises';
import type { ProcessStat } from './process-stat.ts';
import { identityOf, type TaskProcesses } from './task-processes.ts';

/** Longest wait after SIGKILL: the kernel does not end a process in uninterruptible sleep. */
const KILL_TIMEOUT_MS = 60_000;
const LOOK_EVERY_MS = 20;
/**
 * Looks in a row that must find nothing: a process shows no environment for a moment while `exec`
 * replaces it.
 */
const CLEAN_LOOKS = 2;

export type EndProcessesOptions = {
  /** Process group that is signalled as one; `null`: unknown. */
  readonly groupId: number | null;
  /** Returns the instant of KILL on the monotonic clock. Read at each look: it may move closer. */
  readonly killAtMs: () => number;
  /** Longest wait after KILL; default 60 s. */
  readonly killTimeoutMs?: number;
  /**
   * Looks that find nothing count only while this returns true: before that, the process may not
   * have started yet. Default: always.
   */
  readonly hasExited?: () => boolean;
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
 * @returns `count`: processes found; `left`: those still running `killTimeoutMs` after KILL
 */
export async function endProcesses(
  { find }: TaskProcesses,
  { groupId, killAtMs, killTimeoutMs = KILL_TIMEOUT_MS, hasExited = () => true }: EndProcessesOptions,
): Promise<EndedProcesses> {
  const signalled = new Set<string>();
  let cleanLooks = 0;
  for (;;) {
    const alive = await find();
    const isOver = alive.length === 0 && hasExited();
    cleanLooks = isOver ? cleanLooks + 1 : 0;
    if (cleanLooks === CLEAN_LOOKS) return { count: signalled.size, left: [] };
    const remainingMs = killAtMs() - performance.now();
    if (!isOver && remainingMs < -killTimeoutMs) return { count: signalled.size, left: alive };
    if (remainingMs > 0) terminate(alive, groupId, signalled);
    else kill(alive, groupId, signalled);
    await delay(remainingMs > 0 ? Math.min(LOOK_EVERY_MS, remainingMs) : LOOK_EVERY_MS);
  }
}

/**
 * Sends TERM once to each process: many programs skip their cleanup at a second one. A stopped
 * process does not see it before CONT.
 */
function terminate(alive: readonly ProcessStat[], groupId: number | null, signalled: Set<string>): void {
  const fresh = alive.filter((each) => !signalled.has(identityOf(each)));
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
  for (const each of fresh) signalled.add(identityOf(each));
}

function kill(alive: readonly ProcessStat[], groupId: number | null, signalled: Set<string>): void {
  if (groupId !== null && alive.some((each) => each.groupId === groupId)) sendSignal(-groupId, 'SIGKILL');
  for (const each of alive) {
    signalled.add(identityOf(each));
    if (each.groupId !== groupId) sendSignal(each.pid, 'SIGKILL');
  }
}

/** Ignores a process that has ended, and one that may not be signalled: it is reported as left. */
function sendSignal(target: number, signal: NodeJS.Signals): void {
  try {
    process.kill(target, signal);
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code !== 'ESRCH' && code !== 'EPERM') throw error;
  }
}
