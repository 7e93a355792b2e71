import { setTimeout } from 'node:timers/promises';
import type { TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { endLeftovers } from '../process/end-leftovers.ts';

/**
 * Longest wait after KILL: a process that is stuck in the kernel must not keep the host unserved.
 */
const AFTER_KILL_MS = 5000;

/**
 * Ends the processes that an earlier start of a runner left of a task. Never rejects. Settles at
 * most 5 s after KILL.
 * @param graceMs from TERM to KILL
 * @returns how many processes were ended; `null` when some are still running
 */
export async function endWhatIsLeft(
  task: TaskId,
  { graceMs, logger }: { readonly graceMs: number; readonly logger: Pick<Logger, 'error'> },
): Promise<number | null> {
  const deadline = setTimeout(graceMs + AFTER_KILL_MS, null, { ref: false });
  try {
    return await Promise.race([endLeftovers(task, graceMs), deadline]);
  } catch (error) {
    logger.error({ task, err: error }, 'processes left by a task could not be ended');
    return null;
  }
}
