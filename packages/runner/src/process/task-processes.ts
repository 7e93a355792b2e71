import { readdir, readFile } from 'node:fs/promises';
import type { TaskId } from '@booner/protocol';
import { TASK_ID_VARIABLE } from './process-environment.ts';
import { type ProcessStat, parseProcessStat } from './process-stat.ts';
import { isInTaskUnit } from './task-unit.ts';

/**
 * Time limit for the environment of one process: the kernel may hold it back while the process maps
 * memory.
 */
const READ_TIMEOUT_MS = 1000;
const READ_AT_A_TIME = 32;

export type TaskProcesses = {
  /**
   * Finds the running processes of the task. Zombies, which only wait for their parents, are left
   * out.
   */
  find(): Promise<readonly ProcessStat[]>;
};

/**
 * Finds the processes of a task in /proc: by process group, by the task's systemd unit if there is
 * one, by {@link TASK_ID_VARIABLE} in the environment that they were started with, and by descent
 * from any of these. A process that was found once stays known, wherever it moves. This process and
 * its ancestors never count, even if a task started the runner.
 * @param leader of the process group; `null`: only unit and environment are known
 */
export function taskProcesses(taskId: TaskId, leader: ProcessStat | null): TaskProcesses {
  const mark = `\0${TASK_ID_VARIABLE}=${taskId}\0`;
  const found = new Set<string>();

  const isMarked = async ({ pid }: ProcessStat) =>
    isInTaskUnit(taskId, (await readUnlessGone(`/proc/${pid}/cgroup`)) ?? '') ||
    `\0${await readEnvironment(pid)}\0`.includes(mark);

  return {
    find: async () => {
      const all = await readProcesses();
      const own = ancestryOf(process.pid, all);
      const others = [...all.values()].filter(
        ({ pid, startTicks }) => !own.has(pid) && (leader === null || startTicks >= leader.startTicks),
      );
      const members = new Map<number, ProcessStat>();
      const unknown: ProcessStat[] = [];
      for (const each of others) {
        if (found.has(identityOf(each)) || each.groupId === leader?.groupId) members.set(each.pid, each);
        else unknown.push(each);
      }
      for (let at = 0; at < unknown.length; at += READ_AT_A_TIME) {
        const some = unknown.slice(at, at + READ_AT_A_TIME);
        const marked = await Promise.all(some.map(isMarked));
        for (const [index, each] of some.entries()) if (marked[index]) members.set(each.pid, each);
      }
      addDescendants(members, others);
      for (const each of members.values()) found.add(identityOf(each));
      return [...members.values()].filter(({ state }) => state !== 'Z' && state !== 'X');
    },
  };
}

/** Names one process: the kernel reuses process IDs, but not with the same start. */
export const identityOf = ({ pid, startTicks }: ProcessStat): string => `${pid} ${startTicks}`;

function addDescendants(members: Map<number, ProcessStat>, all: readonly ProcessStat[]): void {
  const children = Map.groupBy(all, ({ parentPid }) => parentPid);
  const queue = [...members.keys()];
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    for (const child of children.get(pid) ?? []) {
      if (members.has(child.pid)) continue;
      members.set(child.pid, child);
      queue.push(child.pid);
    }
  }
}

/** Returns a process and its ancestors. */
function ancestryOf(pid: number, all: ReadonlyMap<number, ProcessStat>): Set<number> {
  const line = new Set<number>();
  for (let at: number | undefined = pid; at && !line.has(at); at = all.get(at)?.parentPid) line.add(at);
  return line;
}

async function readProcesses(): Promise<Map<number, ProcessStat>> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const processes = new Map<number, ProcessStat>();
  for (let at = 0; at < pids.length; at += READ_AT_A_TIME) {
    const texts = pids.slice(at, at + READ_AT_A_TIME).map((pid) => readUnlessGone(`/proc/${pid}/stat`));
    for (const text of await Promise.all(texts)) {
      const stat = text === null ? null : parseProcessStat(text);
      if (stat) processes.set(stat.pid, stat);
    }
  }
  return processes;
}

async function readEnvironment(pid: number): Promise<string> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<null>((resolve) => {
    timer = setTimeout(resolve, READ_TIMEOUT_MS, null);
  });
  const text = await Promise.race([readUnlessGone(`/proc/${pid}/environ`), deadline]);
  clearTimeout(timer);
  return text ?? '';
}

/**
 * @returns `null` if the process has ended, or may not be read: this process cannot have started
 * such a one
 */
async function readUnlessGone(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'latin1');
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (['ENOENT', 'ESRCH', 'EACCES', 'EPERM'].includes(code)) return null;
    throw error;
  }
}
