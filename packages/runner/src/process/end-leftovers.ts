import { existsSync } from 'node:fs';
import type { TaskId } from '@booner/protocol';
import { describeLeft } from './describe-left.ts';
import { endProcesses, killAfter } from './end-processes.ts';
import { taskProcesses } from './task-processes.ts';

/**
 * Ends what an earlier start of the runner left of a task, found by scope and environment alone. Where there is no /proc nothing is found.
 * @param graceMs from TERM to KILL
 * @returns how many processes were ended, when none is left
 * @throws Error when some could not be ended within a minute of SIGKILL
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
