import { readFileSync } from 'node:fs';

/** The fields of /proc/<pid>/stat (proc(5)) that are used here. */
export type ProcessStat = {
  readonly pid: number;
  readonly name: string;
  /** `R`, `S`, `D` (uninterruptible sleep), `T` (stopped), `Z` (zombie), `X` (dead), … */
  readonly state: string;
  readonly parentPid: number;
  readonly groupId: number;
  /** Clock ticks from the boot of the machine to the start of the process. */
  readonly startTicks: number;
};

/** @returns `null` for an undocumented format */
export function parseProcessStat(text: string): ProcessStat | null {
  // The name itself may contain blanks and brackets.
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
 * Reads a child that was just spawned. Its entry stays, even after its end, until this process has
 * waited for it.
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
