import type { RunnerBus } from '@booner/bus';
import type { HostId, Outcome, TaskArtefacts, TaskOffer, TaskStep } from '@booner/protocol';
import type { AttemptToken } from '@booner/protocol/task-id';
import type { Logger } from '@booner/service';
import type { ListedAction } from '../catalogue/action.ts';
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
  readonly actions: Pick<Actions, 'start'>;
  readonly logger: Pick<Logger, 'error'>;
};

/** `remark` goes to the log; `graceMs` from TERM to KILL. */
type EndRequest = {
  readonly outcome: Outcome;
  readonly remark: string;
  readonly graceMs: number;
};

/** A granted attempt at a task, until its processes have ended. */
export type Attempt = {
  readonly log: LogWriter;
  /** Resolves when nothing of it runs any more. Never rejects. */
  readonly ended: Promise<Outcome>;
  /** Absent for an action with one command. */
  steps(): TaskStep[] | undefined;
  /** Those that have been sent. Absent for an action that declares none. */
  artefacts(): TaskArtefacts | undefined;
  /**
   * Ends it with this outcome, unless it has ended or another end was requested. A later call moves
   * KILL closer, and ends the clean-up of a cancelled attempt unless it cancels again.
   */
  end(request: EndRequest): void;
  /** Sends progress and log again, as the bus may have lost some. */
  sendAgain(): void;
};

/**
 * Starts an attempt. The journal MUST hold its `started` line.
 * @param action `null`: the host does not offer the action
 * @param logLines lines that earlier attempts wrote
 */
export function startAttempt(
  deps: AttemptDeps,
  {
    offer,
    action,
    attempt,
    logLines,
  }: { offer: TaskOffer; action: ListedAction | null; attempt: AttemptToken; logLines: number },
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
  let requested: Outcome | null = null;

  const execute = async (): Promise<Outcome> => {
    if (action === null) return notOffered(offer.action);
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
  const ended = execute()
    .catch((error: unknown) => {
      logger.error({ task, err: error }, 'internal error in an attempt');
      return couldNotRun(error);
    })
    .then(async (outcome) => {
      requested ??= outcome; // too late for any other
      await progress.finish();
      return outcome;
    });
  return {
    log,
    ended,
    steps: () => steps,
    artefacts: () => artefacts,
    end: ({ outcome, remark, graceMs }) => {
      if (requested === null) log.add('runner', remark);
      requested ??= outcome;
      run?.end(outcome, graceMs);
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
