import { RUNNER_RESTARTED } from '@booner/protocol';
import type { Logger } from '@booner/service';
import type { Journal } from '../journal/journal.ts';
import type { StartedEntry } from '../journal/journal-entry.ts';
import { failed } from '../process/outcome-of-exit.ts';
import type { Actions } from '../run/actions.ts';

/**
 * Recovers attempts that ran when an earlier start of the runner was killed. Ends their processes.
 * Then an idempotent attempt is forgotten, so that its task is claimed again when it is offered;
 * any other has failed.
 */
export async function recoverAttempts({
  journal,
  actions,
  logger,
}: {
  readonly journal: Journal;
  readonly actions: Pick<Actions, 'endLeft'>;
  readonly logger: Pick<Logger, 'warn'>;
}): Promise<void> {
  await Promise.all(
    journal.attempts.running().map(async (started) => {
      const { task, action, idempotent } = started;
      const processes = await actions.endLeft(task);
      const again = idempotent && processes !== null;
      logger.warn({ task, action, processes, again }, 'the runner restarted while the task ran');
      await journal.append(again ? settled(started) : ended(started, processes !== null));
    }),
  );
}

const settled = ({ task, attempt }: StartedEntry) =>
  ({ type: 'settled', task, attempt, atMs: Date.now() }) as const;

const ended = ({ task, attempt, instance, number }: StartedEntry, areEnded: boolean) =>
  ({
    type: 'ended',
    task,
    attempt,
    instance,
    number,
    outcome: failed(areEnded ? RUNNER_RESTARTED : `${RUNNER_RESTARTED}, and could not end its processes`),
    // The output is in the log, but its line count died with the runner.
    logLines: 0,
    atMs: Date.now(),
  }) as const;
