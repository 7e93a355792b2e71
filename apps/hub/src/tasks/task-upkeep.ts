import type { Retention, TaskBus } from '@booner/bus';
import { hasEnded, type Task } from '@booner/protocol';
import { createFailureLog, type Logger, runLoop } from '@booner/service';

/** A cancel is repeated after this time if the runner has not ended the task. */
const CANCEL_AGAIN_MS = 15_000;
const CANCEL_CHECK_INTERVAL_MS = 5000;
const ABANDONED_CHECK_INTERVAL_MS = 60_000;
/** External tasks that one call looks at: Redis does nothing else for about a millisecond. */
const BATCH_TASKS = 100;
const HOUR_MS = 3_600_000;
const PRUNE_INTERVAL_MS = 60_000;
/**
 * Maximum number of calls in a row, each for some hundred tasks. The rest waits a minute, so that a
 * lowered bound does not stall the bus.
 */
const MAX_PRUNES = 20;

export type RepeatCancelsDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'repeatCancel'>;
  readonly board: { tasks(): Iterable<Task> };
  readonly log: Logger;
};

/** Repeats cancels to runners, which may have missed them, until the signal aborts. */
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
  return runLoop(
    {
      run,
      intervalMs: CANCEL_CHECK_INTERVAL_MS,
      phaseMs: CANCEL_CHECK_INTERVAL_MS,
      ready: bus.whenConnected,
      failures: createFailureLog(log, {
        failing: 'cancels cannot be repeated to runners',
        recovered: 'cancels are repeated to runners again',
      }),
    },
    { signal },
  );
}

export type EndAbandonedTasksDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'endAbandoned'>;
  readonly board: { tasks(): Iterable<Task> };
  /** Time without a change after which an external task ends. */
  readonly afterMs: number;
  readonly log: Logger;
};

/** Ends external tasks whose programs have stopped updating them, until the signal aborts. */
export function endAbandonedTasks(
  { bus, board, afterMs, log }: EndAbandonedTasksDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const error = `not updated for ${afterMs / HOUR_MS} h`;
  const run = async () => {
    const ids = [...board.tasks()]
      .filter(({ status, external }) => external && !hasEnded(status))
      .map(({ id }) => id);
    for (let start = 0; start < ids.length && !signal.aborted; start += BATCH_TASKS) {
      const ended = await bus.endAbandoned(ids.slice(start, start + BATCH_TASKS), afterMs, error);
      if (ended.length > 0) log.warn({ tasks: ended }, 'external tasks were ended: nobody updated them');
    }
  };
  return runLoop(
    {
      run,
      intervalMs: ABANDONED_CHECK_INTERVAL_MS,
      phaseMs: ABANDONED_CHECK_INTERVAL_MS,
      ready: bus.whenConnected,
      failures: createFailureLog(log, {
        failing: 'external tasks that nobody updates do not end',
        recovered: 'external tasks that nobody updates end again',
      }),
    },
    { signal },
  );
}

export type PruneTasksDeps = {
  readonly bus: Pick<TaskBus, 'whenConnected' | 'prune'>;
  readonly retention: Retention;
  readonly log: Logger;
};

/** Prunes ended tasks beyond the retention, until the signal aborts. */
export function pruneTasks(
  { bus, retention, log }: PruneTasksDeps,
  { signal }: { signal: AbortSignal },
): Promise<void> {
  const run = async () => {
    let pruned = 0;
    for (let call = 0; call < MAX_PRUNES && !signal.aborted; call++) {
      const count = await bus.prune(retention);
      pruned += count;
      if (count === 0) break;
    }
    if (pruned > 0) log.debug({ pruned }, 'ended tasks were pruned');
  };
  return runLoop(
    {
      run,
      intervalMs: PRUNE_INTERVAL_MS,
      phaseMs: PRUNE_INTERVAL_MS,
      ready: bus.whenConnected,
      failures: createFailureLog(log, {
        failing: 'ended tasks cannot be pruned',
        recovered: 'ended tasks are pruned again',
      }),
    },
    { signal },
  );
}
