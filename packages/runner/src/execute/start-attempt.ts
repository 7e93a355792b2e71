import type { RunnerBus } from '@booner/bus';
import {
  DEFAULT_ATTEMPTS,
  type HostId,
  type Outcome,
  type TaskArtefacts,
  type TaskOffer,
  type TaskStep,
} from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import { type Logger, sleep } from '@booner/service';
import type { ListedAction } from '../catalogue/action.ts';
import { type Retry, retryDelayMs } from '../catalogue/retry.ts';
import { cleanText } from '../log/clean-text.ts';
import { couldNotRun, failed } from '../process/outcome-of-exit.ts';
import type { ActionRun } from '../process/start-action.ts';
import { type LogWriter, startLogWriter } from '../report/log-writer.ts';
import { startProgressReporter } from '../report/progress-reporter.ts';
import { sendArtefacts } from '../report/send-artefacts.ts';
import { type Actions, notOffered } from '../run/actions.ts';
import type { UnsealParams } from '../state/unseal-params.ts';
import type { UnsealSecrets } from '../state/unseal-secrets.ts';
import type { StepProgress } from '../steps/run-steps.ts';

export type AttemptDeps = {
  readonly host: HostId;
  /** Names this start of the runner. */
  readonly instance: string;
  readonly bus: Pick<RunnerBus, 'report' | 'appendLog' | 'putArtefactPart'>;
  readonly unsealParams: UnsealParams;
  readonly unsealSecrets: UnsealSecrets;
  readonly actions: Pick<Actions, 'start' | 'endLeft'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** `remark` goes to the log; `graceMs` from TERM to KILL. */
type EndRequest = {
  readonly outcome: Outcome;
  readonly remark: string;
  readonly graceMs: number;
};

/** A start of the action within an attempt. */
type Start = {
  /** `null`: the host does not offer the action. */
  readonly action: ListedAction | null;
  /** Number of this start of the task. */
  readonly number: number;
};

/** A start that failed. */
type FailedStart = { readonly number: number; readonly retry: Retry; readonly error: string };

/** A granted attempt at a task, with all starts of its action. */
export type Attempt = {
  readonly log: LogWriter;
  /**
   * Starts the action. The journal MUST hold its `started` line, and an earlier start MUST have
   * ended. Resolves when nothing of it runs any more. Never rejects.
   */
  start(start: Start): Promise<Outcome>;
  /** Waits before the next start. Returns early if an end is requested. */
  delay(failed: FailedStart): Promise<void>;
  /** Absent for an action with one command. */
  steps(): TaskStep[] | undefined;
  /** Those that have been sent. Absent for an action that declares none. */
  artefacts(): TaskArtefacts | undefined;
  /**
   * Ends it with this outcome, unless it has ended or another end was requested. A later call moves
   * KILL closer, and ends the clean-up of a cancelled attempt unless it cancels again.
   */
  end(request: EndRequest): void;
  /** Reports the last progress, if it was not reported, and stops. */
  finish(): Promise<void>;
  /** Leaves it to the next start of the runner. Returns when its log has been sent. */
  leave(deadlineMs: number): Promise<void>;
  /** Sends progress and log again, as the bus may have lost some. */
  sendAgain(): void;
};

/**
 * Opens the log of an attempt, and starts nothing yet.
 * @param logLines lines that earlier attempts wrote
 */
export function openAttempt(
  deps: AttemptDeps,
  {
    offer,
    attempt,
    logLines,
  }: { readonly offer: TaskOffer; readonly attempt: AttemptToken; readonly logLines: number },
): Attempt {
  const { host, instance, bus, unsealParams, unsealSecrets, actions, logger } = deps;
  const { task } = offer;
  const log = startLogWriter((entries) => bus.appendLog(task, entries), logLines + 1);
  const progress = startProgressReporter((report) =>
    bus.report({ type: 'progress', host, instance, task, attempt, logLines: log.lines(), ...report }),
  );
  let run: ActionRun | null = null;
  let steps: TaskStep[] | undefined;
  let sending: Promise<TaskArtefacts> | null = null;
  let artefacts: TaskArtefacts | undefined;
  let isRepeated = false;
  let requested: Outcome | null = null;
  const ending = new AbortController();

  const execute = async ({ action, number }: Start): Promise<Outcome> => {
    if (action === null) return notOffered(offer.action);
    const { idempotent, retry } = action;
    if (idempotent && number > 1) {
      log.add('runner', `attempt ${number} of ${retry?.attempts ?? DEFAULT_ATTEMPTS}`);
    }
    if (isRepeated) {
      progress.set({ number, progressPercent: null, message: null });
      if ((await actions.endLeft(task)) === null) {
        return failed('not started: processes of the attempt before it could not be ended');
      }
    }
    isRepeated = true;
    const unsealed = await unsealParams(offer);
    if (!unsealed.ok) return failed(`refused by the target: ${unsealed.reason}`);
    const opened = await unsealSecrets(offer, action.secrets);
    if (!opened.ok) return failed(`refused by the target: ${opened.reason}`);
    if (requested !== null) return requested;
    run = actions.start(
      {
        task,
        action: action.name,
        params: { ...offer.params, ...unsealed.params },
        secrets: opened.secrets,
        check: offer.check,
        traceparent: offer.traceparent,
      },
      {
        onLine: (stream, text) => {
          log.add(stream, text);
          progress.onLine();
        },
        onProgress: progress.set,
        onSteps: (reported) => {
          steps = withFirstLines(reported, steps, log.lines() + 1);
          progress.set({ steps });
        },
        onArtefacts: (collected) => {
          sending = sendArtefacts((index, part) => bus.putArtefactPart(task, index, part), collected);
        },
      },
    );
    const outcome = await run.ended;
    artefacts = (await sending) ?? undefined;
    return outcome;
  };
  return {
    log,
    start: async (start) => {
      steps = undefined;
      sending = null;
      artefacts = undefined;
      const outcome = await execute(start).catch((error: unknown) => {
        logger.error({ task, err: error }, 'internal error in an attempt');
        return couldNotRun(error);
      });
      run = null;
      return outcome;
    },
    delay: async ({ number, retry, error }) => {
      const delayMs = retryDelayMs(retry, number);
      const seconds = Math.round(delayMs / 1000);
      const what = `attempt ${number} of ${retry.attempts} failed`;
      log.add('runner', `${what}: ${cleanText(error)}; the next one starts in ${seconds} s`);
      progress.set({ message: `${what}, the next one starts in ${seconds} s` });
      await sleep(delayMs, ending.signal);
    },
    steps: () => steps,
    artefacts: () => artefacts,
    end: ({ outcome, remark, graceMs }) => {
      if (requested === null) log.add('runner', run === null ? remark : `${remark}: ending its processes`);
      requested ??= outcome;
      run?.end(outcome, graceMs);
      ending.abort();
    },
    finish: progress.finish,
    leave: async (deadlineMs) => {
      log.add('runner', 'the runner is stopping: the next attempt starts when it is back');
      ending.abort();
      await progress.finish();
      await log.flush(deadlineMs);
    },
    sendAgain: () => {
      progress.again();
      log.wake();
    },
  };
}

/** Adds to each step that has just started that its first line is the next one. */
const withFirstLines = (
  reported: readonly StepProgress[],
  before: readonly TaskStep[] | undefined,
  nextLine: number,
): TaskStep[] =>
  reported.map((step, index) => ({
    ...step,
    firstLine: before?.[index]?.firstLine ?? (step.attempts > 0 ? nextLine : null),
  }));
