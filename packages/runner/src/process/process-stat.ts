import { readFileSync } from 'node:fs';

/** What is needed of /proc/<pid>/stat (proc(5)). */
export type ProcessStat = {
  readonly pid: number;
  readonly name: string;
  /** `R`, `S`, `D` (uninterruptible sleep), `T` (stopped), `Z` (zombie), `X` (dead), … */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  /** Since the machine's start. */
  readonly startTicks: number;
};

/** @returns `null` for a text that is not as documented */
export function parseProcessStat(text: string): ProcessStat | null {
  // The name may hold blanks and brackets itself.
  const match = /^(\d+) \((.*)\) (\S) (.*)$/s.exec(text);
  if (!match) return null;
  const fields = match[4]!.split(' ');
  return {
    pid: Number(match[1]),
    name: match[2]!,
    state: match[3]!,
    parentPid: Number(fields[0]),
    groupId: Number(fields[1]),
    startTicks: Number(fields[18]),
  };
}

/**
 * For a child that was just spawned: until this process has waited for it, its entry stays, even after its end.
 * @returns `null` where there is no /proc
 */
export function readOwnChild(pid: number): ProcessStat | null {
  try {
    return parseProcessStat(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
