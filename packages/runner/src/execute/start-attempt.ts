import type { RunnerBus } from '@booner/bus';
import type { HostId, Outcome, TaskOffer } from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import type { Logger } from '@booner/service';
import type { Action } from '../catalogue/action.ts';
import { prepareCommand } from '../catalogue/prepare-command.ts';
import type { Journal } from '../journal/journal.ts';
import { failed } from '../process/outcome-of-exit.ts';
import type { RunPolicy } from '../process/run-policy.ts';
import { type ActionRun, startAction } from '../process/start-action.ts';
import { type LogWriter, startLogWriter } from '../report/log-writer.ts';
import { startProgressReporter } from '../report/progress-reporter.ts';
import type { UnsealParams } from '../state/unseal-params.ts';
import type { RunDirectories } from './run-directories.ts';

export type AttemptDeps = {
  readonly host: HostId;
  /** Of this start of the runner. */
  readonly instance: string;
  readonly bus: Pick<RunnerBus, 'report' | 'appendLog'>;
  readonly journal: Journal;
  readonly unsealParams: UnsealParams;
  readonly directories: Pick<RunDirectories, 'make' | 'remove'>;
  readonly logger: Pick<Logger, 'error'>;
  readonly policy: RunPolicy;
};

/** One granted attempt at a task, from the journal line to the end of its processes. */
export type Attempt = {
  readonly token: AttemptToken;
  readonly log: LogWriter;
  /** Settles when nothing of it runs any more. Never rejects. */
  readonly ended: Promise<Outcome>;
  /**
   * Ends it with this outcome, unless it has ended or another end was asked for; a later call only
   * moves KILL closer. `remark` goes to its log. `graceMs` is the time from TERM to KILL.
   */
  end(outcome: Outcome, remark: string, graceMs: number): void;
  /** The bus is back. */
  onConnected(): void;
};

/**
 * Starts an attempt: nothing is spawned before its line is on the disk, and nothing is when that cannot be.
 * @param action `null`: there is no such action here
 * @param logLines lines that earlier attempts wrote
 */
export function startAttempt(
  deps: AttemptDeps,
  {
    offer,
    action,
    token,
    logLines,
  }: { offer: TaskOffer; action: Action | null; token: AttemptToken; logLines: number },
): Attempt {
  const { host, instance, bus, journal, unsealParams, directories, logger, policy } = deps;
  const { task } = offer;
  const log = startLogWriter((entries) => bus.appendLog(task, entries), logLines + 1);
  const progress = startProgressReporter((report) =>
    bus.report({ type: 'progress', host, instance, task, attempt: token, logLines: log.lines(), ...report }),
  );
  let run: ActionRun | null = null;
  let asked: Outcome | null = null;
  let killWithinMs = policy.graceMs;

  const execute = async (): Promise<Outcome> => {
    const refusal = await writeStarted();
    if (refusal !== null) return refusal;
    if (action === null) return failed(`this host does not offer the action ${JSON.stringify(offer.action)}`);
    const unsealed = await unsealParams(offer);
    if (!unsealed.ok) return failed(`refused by the target: ${unsealed.reason}`);
    const prepared = prepareCommand(action, { ...offer.params, ...unsealed.params });
    if (!prepared.ok) {
      const faults = prepared.faults.map(({ pointer, detail }) => `${pointer}: ${detail}`);
      return failed(`refused by the target: ${faults.join('; ')}`);
    }
    const directory = await directories.make(task);
    try {
      if (asked !== null) return asked;
      run = await startAction({
        action,
        command: prepared.command,
        taskId: task,
        directory,
        policy,
        onLine: (stream, text) => {
          log.add(stream, text);
          progress.onLine();
        },
        onProgress: progress.set,
      });
      if (asked !== null) run.end(asked, killWithinMs);
      return await run.ended;
    } finally {
      // Processes that the action left can hold this up: neither the outcome nor the next run waits for it.
      directories.remove(directory);
    }
  };
  const writeStarted = async (): Promise<Outcome | null> => {
    try {
      await journal.append({
        type: 'started',
        task,
        attempt: token,
        instance,
        action: offer.action,
        idempotent: action?.idempotent ?? false,
        atMs: Date.now(),
      });
      return null;
    } catch (error) {
      logger.error({ task, err: error }, 'the journal cannot be written: the task is not started');
      return failed(`not started, as the runner cannot write its journal: ${messageOf(error)}`);
    }
  };
  const ended = execute()
    .catch((error: unknown) => {
      logger.error({ task, err: error }, 'a run failed within the runner');
      return failed(`the runner could not run it: ${messageOf(error)}`);
    })
    .then(async (outcome) => {
      asked ??= outcome; // too late for any other
      await progress.finish();
      return outcome;
    });
  return {
    token,
    log,
    ended,
    end: (outcome, remark, graceMs) => {
      if (asked === null) log.add('runner', remark);
      asked ??= outcome;
      killWithinMs = Math.min(killWithinMs, graceMs);
      run?.end(asked, graceMs);
    },
    onConnected: () => {
      progress.again();
      log.wake();
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
