import type { Retention, TaskBus } from '@booner/bus';
import type { Task } from '@booner/protocol';
import { type Logger, runInterval } from '@booner/service';
import { createFailureLog } from '../failure-log.ts';

/** A runner that was told to cancel and has not ended the task is told again this long after. */
const CANCEL_AGAIN_MS = 15_000;
const CANCEL_CHECK_INTERVAL_MS = 5000;
const PRUNE_INTERVAL_MS = 60_000;
/** Calls in a row, of some hundred tasks each: the rest waits a minute, so that a bound that was lowered does not stall the bus. */
const MAX_PRUNES = 20;

export type RepeatCancelsDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'repeatCancel'>;
  readonly board: { tasks(): Iterable<Task> };
  readonly log: Logger;
};

/** Tells runners again to cancel, in case that they did not hear it, until the signal aborts. */
export function repeatCancels(
  { bus, board, log }: RepeatCancelsDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const run = async () => {
    for (const { id, status, external, cancelRequestedAtMs } of [...board.tasks()]) {
      if (status === 'running' && !external && cancelRequestedAtMs !== null) {
        await bus.repeatCancel(id, CANCEL_AGAIN_MS);
      }
    }
  };
  return keepUp(run, 'cancels cannot be repeated', CANCEL_CHECK_INTERVAL_MS, { bus, log, signal });
}

export type PruneTasksDeps = {
  readonly bus: Pick<TaskBus, 'connection' | 'prune'>;
  readonly retention: Retention;
  readonly log: Logger;
};

/** Forgets ended tasks over the bounds, until the signal aborts. */
export function pruneTasks(
  { bus, retention, log }: PruneTasksDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const run = async () => {
    let forgotten = 0;
    for (let call = 0; call < MAX_PRUNES && !signal.aborted; call++) {
      const count = await bus.prune(retention);
      forgotten += count;
      if (count === 0) break;
    }
    if (forgotten > 0) log.debug({ forgotten }, 'tasks over the bounds were forgotten');
  };
  return keepUp(run, 'ended tasks cannot be forgotten', PRUNE_INTERVAL_MS, { bus, log, signal });
}

/** Runs a job while the bus is there. */
function keepUp(
  job: () => Promise<void>,
  complaint: string,
  intervalMs: number,
  { bus, log, signal }: { bus: Pick<TaskBus, 'connection'>; log: Logger; signal: AbortSignal },
): Promise<void> {
  const failures = createFailureLog(log, complaint);
  const run = async () => {
    if (bus.connection().state !== 'connected') return;
    await job();
    failures.worked();
  };
  return runInterval(run, { intervalMs, phaseMs: intervalMs, onError: failures.failed }, { signal });
}
