import { existsSync } from 'node:fs';
import type { TaskId } from '@booner/protocol';
import { describeLeft } from './describe-left.ts';
import { endProcesses, killAfter } from './end-processes.ts';
import { taskProcesses } from './task-processes.ts';

/**
 * Ends the processes that an earlier start of the runner left of a task. Finds them by unit and
 * environment alone. Finds nothing where there is no /proc.
 * @param graceMs from TERM to KILL
 * @returns the number of processes that were ended
 * @throws Error if some are still running a minute after SIGKILL
 */
export async function endLeftovers(taskId: TaskId, graceMs: number): Promise<number> {
  if (!existsSync('/proc/self/environ')) return 0;
  const { count, left } = await endProcesses(taskProcesses(taskId, null), {
    groupId: null,
    killAtMs: killAfter(graceMs),
  });
  if (left.length > 0) throw new Error(`of task ${taskId}, ${describeLeft(left)}`);
  return count;
}
