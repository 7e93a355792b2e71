import { setTimeout } from 'node:timers/promises';
import type { TaskId } from '@booner/protocol';
import type { Logger } from '@booner/service';
import { endLeftovers } from '../process/end-leftovers.ts';

/** More than the 10 s from TERM to KILL. A process that is stuck in the kernel must not keep the host from being served. */
const DEADLINE_MS = 15_000;

/**
 * Ends what an earlier start of a runner left of a task. Never rejects; settles within 15 s.
 * @returns how many processes were ended; `null` when some are still there
 */
export async function endWhatIsLeft(task: TaskId, logger: Pick<Logger, 'error'>): Promise<number | null> {
  try {
    return await Promise.race([endLeftovers(task), setTimeout(DEADLINE_MS, null, { ref: false })]);
  } catch (error) {
    logger.error({ task, err: error }, 'what is left of a task cannot be ended');
    return null;
  }
}
