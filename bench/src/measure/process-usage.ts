import { readdirSync, readFileSync } from 'node:fs';

/**
 * Length of a tick in /proc/<pid>/stat: USER_HZ is 100 on every Linux that Node.js runs on
 * (proc(5)).
 */
const TICK_NS = 10_000_000;

export type MemoryUsage = {
  /** Resident set, shared pages of the binary and its libraries included. */
  readonly rssBytes: number;
  /** The part that only this process uses: heaps and stacks. */
  readonly anonymousBytes: number;
  /** Highest resident set since the process started. */
  readonly peakRssBytes: number;
};

/** CPU time used up to one instant; only the difference of two readings means something. */
export type CpuReading = {
  /** From `schedstat` of the living threads: to the nanosecond, without threads that have ended. */
  readonly livingThreadsNs: number;
  /**
   * From `stat`: all threads, in ticks of 10 ms, which is more than an idle daemon uses in some
   * seconds.
   */
  readonly allThreadsNs: number;
  /** CPU time of child processes that have ended. */
  readonly endedChildrenNs: number;
};

/** CPU of one process, without its living children. @throws when it has ended. */
export function readCpu(pid: number): CpuReading {
  const { ownTicks, childTicks } = readStat(pid);
  return {
    livingThreadsNs: threadTimesNs(pid),
    allThreadsNs: ownTicks * TICK_NS,
    endedChildrenNs: childTicks * TICK_NS,
  };
}

/** CPU of a process and all its descendants. @throws when it has ended. */
export function readTreeCpu(root: number): CpuReading {
  const [own, ...others] = processTree(root).map((pid) =>
    pid === root ? readCpu(pid) : ignoreEnded(() => readCpu(pid)),
  );
  const sum = { ...own! };
  for (const other of others) {
    if (other === null) continue;
    sum.livingThreadsNs += other!.livingThreadsNs;
    sum.allThreadsNs += other!.allThreadsNs;
    sum.endedChildrenNs += other!.endedChildrenNs;
  }
  return sum;
}

/**
 * CPU time used between two readings of the same process or tree, in nanoseconds. Exact unless a
 * thread ended in between; then short by at most the 10 ms of a tick.
 */
export function cpuBetweenNs(before: CpuReading, after: CpuReading): number {
  const exactNs = after.livingThreadsNs - before.livingThreadsNs;
  const atLeastNs = after.allThreadsNs - before.allThreadsNs - TICK_NS;
  return Math.max(exactNs, atLeastNs) + after.endedChildrenNs - before.endedChildrenNs;
}

/** Memory of one process, without its children. @throws when the process has ended. */
export function memoryUsage(pid: number): MemoryUsage {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return {
    rssBytes: statusBytes(status, 'VmRSS'),
    anonymousBytes: statusBytes(status, 'RssAnon'),
    peakRssBytes: statusBytes(status, 'VmHWM'),
  };
}

/** Number of files that a process may have open, sockets included (its soft limit). */
export function openFileLimit(pid: number): number {
  const line = /^Max open files +(\S+)/m.exec(readFileSync(`/proc/${pid}/limits`, 'utf8'));
  if (!line?.[1]) throw new Error(`/proc/${pid}/limits has no line "Max open files"`);
  return line[1] === 'unlimited' ? Number.POSITIVE_INFINITY : Number(line[1]);
}

function threadTimesNs(pid: number): number {
  return readdirSync(`/proc/${pid}/task`).reduce((sumNs, thread) => {
    const text = ignoreEnded(() => readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8'));
    return sumNs + (text === null ? 0 : Number(text.split(' ', 1)[0]));
  }, 0);
}

function readStat(pid: number): { parent: number; ownTicks: number; childTicks: number } {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The second field is the command in brackets, which may itself contain blanks and brackets:
  // count from the last one.
  const fields = stat
    .slice(stat.lastIndexOf(')') + 2)
    .split(' ')
    .map(Number);
  const field = (number: number): number => fields[number - 3] ?? Number.NaN; // numbered as in proc(5)
  return { parent: field(4), ownTicks: field(14) + field(15), childTicks: field(16) + field(17) };
}

function processTree(root: number): number[] {
  const childrenOf = new Map<number, number[]>();
  for (const entry of readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue;
    const parent = ignoreEnded(() => readStat(Number(entry)).parent);
    if (parent !== null) childrenOf.set(parent, [...(childrenOf.get(parent) ?? []), Number(entry)]);
  }
  const tree = [root];
  for (const member of tree) tree.push(...(childrenOf.get(member) ?? [])); // grows while it is walked
  return tree;
}

function statusBytes(status: string, key: string): number {
  const kibibytes = new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1];
  if (kibibytes === undefined) throw new Error(`/proc/<pid>/status has no ${key}: the process has ended`);
  return Number(kibibytes) * 1024;
}

/** `null` when the process or thread that `read` looks at has ended meanwhile. */
function ignoreEnded<T>(read: () => T): T | null {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ESRCH') return null;
    throw error;
  }
}
