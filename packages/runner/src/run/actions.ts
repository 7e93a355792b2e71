import type { JsonObject, LogLine, Outcome, TaskId } from '@booner/protocol';
import type { CollectedArtefacts } from '../artefacts/collect-artefacts.ts';
import type { ListedAction } from '../catalogue/action.ts';
import type { Progress } from '../log/progress-line.ts';
import { failed } from '../process/outcome-of-exit.ts';
import type { ActionRun } from '../process/start-action.ts';
import type { StepProgress } from '../steps/run-steps.ts';

export type ListedActions = ReadonlyMap<string, ListedAction>;

export type RunRequest = {
  readonly task: TaskId;
  /** Name of the action. */
  readonly action: string;
  /** Plain and secret parameters together, not yet validated on this host. */
  readonly params: JsonObject;
  /** Values of the action's secrets, by name. Default: none. */
  readonly secrets?: Readonly<Record<string, string>> | undefined;
  /** Runs the `check` command in place of the action. Default: false. */
  readonly check?: boolean | undefined;
  /** Trace context for the processes. */
  readonly traceparent?: string | undefined;
};

/** Receivers of what a run prints. MUST NOT throw. */
export type RunEvents = {
  /**
   * Receives whole lines, cleaned and without secrets. Stream `runner` carries the runner's own
   * remarks.
   */
  readonly onLine: (stream: LogLine['stream'], text: string) => void;
  readonly onProgress: (progress: Progress) => void;
  /**
   * Receives the state of all steps after each change, before the first line of a step that starts.
   * Never called for an action with one command.
   */
  readonly onSteps: (steps: readonly StepProgress[]) => void;
  /**
   * Receives the artefacts that a run left, once, after its processes have ended and before its
   * outcome. The run waits for the result. Never called for an action that declares none.
   */
  readonly onArtefacts: (collected: CollectedArtefacts) => void | Promise<void>;
};

/** The actions of this host, and what runs them: this process, or the launcher. */
export type Actions = AsyncDisposable & {
  /**
   * Ends the processes that earlier starts left of a task. Never rejects. Settles at most 5 s after
   * KILL.
   * @returns how many processes were ended; `null` when some are still running
   */
  endLeft(task: TaskId): Promise<number | null>;
  /**
   * Passes on the actions, and again after each change. Returns after the first time. MUST be
   * called once, after `endLeft` of the tasks that ran when an earlier start was killed.
   * @param onActions MUST NOT throw
   * @throws RunnerError `state_locked` or `state_unusable`
   */
  serve(onActions: (actions: ListedActions) => void): Promise<void>;
  /**
   * Starts an action. MUST be called after `serve`. The outcome says why it cannot be started: it
   * is not offered, a parameter is invalid, it has no command for a dry run, or an earlier run of
   * the task has not ended.
   */
  start(request: RunRequest, events: RunEvents): ActionRun;
};

/** Returns the outcome of a task whose action this host does not offer. */
export const notOffered = (action: string): Outcome =>
  failed(`this host does not offer the action ${JSON.stringify(action)}`);

/** Returns a run that was not started. */
export const refusedRun = (reason: string): ActionRun => ({
  ended: Promise.resolve(failed(`refused by the target: ${reason}`)),
  end: () => {},
});
