import type { Outcome, TaskStep } from '@booner/protocol';
import type { ActionStep } from '../catalogue/action.ts';
import type { PreparedCommand } from '../catalogue/prepare-command.ts';
import { retryDelayMs } from '../catalogue/retry.ts';
import type { ProcessRun } from '../process/follow-process.ts';
import { couldNotRun, failed, timeoutText } from '../process/outcome-of-exit.ts';
import type { ActionRun } from '../process/start-action.ts';
import { advanceSteps, initialSteps, type StepsCommand, type StepsInput } from './steps-machine.ts';

/** Time limit of a step that cleans up and has none of its own. */
const CLEAN_UP_SECONDS = 60;

/** A step as the process that runs it knows it: without its place in the log. */
export type StepProgress = Omit<TaskStep, 'firstLine'>;

type PreparedStep = { readonly step: ActionStep; readonly command: PreparedCommand };

export type RunStepsOptions = {
  readonly steps: readonly PreparedStep[];
  /** Time limit of all steps together. Clean-up may exceed it. */
  readonly timeoutSeconds: number;
  readonly graceMs: number;
  readonly events: {
    readonly onLine: (stream: 'runner', text: string) => void;
    /** Receives the state of all steps after each change, before the first line of the step. */
    readonly onSteps: (steps: readonly StepProgress[]) => void;
  };
  readonly startCommand: (command: PreparedCommand, timeoutSeconds: number | null) => Promise<ProcessRun>;
  /**
   * Ends processes of the task that are found by unit and environment; `graceMs` from TERM to KILL.
   * Returns `null` when some are still running.
   */
  readonly endLeft: (graceMs: number) => Promise<number | null>;
};

/**
 * Runs the steps of an action, as one run. A cancellation ends the running step and lets the steps
 * with `always` clean up, each within its time limit; any other end stops everything. Unless the
 * run completed, no process of any step is left.
 */
export function runSteps(options: RunStepsOptions): ActionRun {
  const { steps, timeoutSeconds, graceMs, events, startCommand, endLeft } = options;
  const names = steps.map(({ step }) => step.name);
  const finished = Promise.withResolvers<Outcome>();
  let state = initialSteps(steps.map(({ step }) => step));
  /** Steps that left processes. */
  const leaving = new Set<ProcessRun>();
  let running: ActionRun | null = null;
  /** Last request to end the step that runs. It may come before the process has started. */
  let ending: Outcome | null = null;
  let killWithinMs = graceMs;
  let delay: NodeJS.Timeout | undefined;

  const dispatch = (input: StepsInput): void => {
    clearTimeout(delay);
    const before = state.steps;
    const advanced = advanceSteps(state, input);
    state = advanced.state;
    if (state.steps !== before) events.onSteps(state.steps.map(progressOf));
    for (const command of advanced.commands) perform(command);
  };
  const progressOf = (
    { status, attempts, durationMs }: (typeof state.steps)[number],
    index: number,
  ): StepProgress => ({ name: names[index]!, status, attempts, durationMs });
  const now = () => ({ atMs: performance.now() });

  const startStep = async ({ index, isCleanUp }: Extract<StepsCommand, { type: 'start_step' }>) => {
    const { step, command } = steps[index]!;
    const { attempts } = state.steps[index]!;
    const again = attempts > 1 ? ` (attempt ${attempts} of ${step.retry.attempts})` : '';
    events.onLine('runner', `step ${index + 1} of ${steps.length}: ${step.name}${again}`);
    ending = null;
    const seconds = step.timeoutSeconds ?? (isCleanUp ? CLEAN_UP_SECONDS : null);
    const outcome = await runToEnd(startCommand(command, seconds)).catch(couldNotRun);
    running = null;
    dispatch({ type: 'step_ended', outcome, ...now() });
  };
  const runToEnd = async (starting: Promise<ProcessRun>): Promise<Outcome> => {
    const run = await starting;
    running = run;
    if (ending !== null) run.end(ending, killWithinMs);
    const outcome = await run.ended;
    if (await run.hasLeft()) leaving.add(run);
    return outcome;
  };
  const endAllLeft = async (): Promise<boolean> => {
    const areEnded = await Promise.all([...leaving].map((run) => run.endLeft(killWithinMs)));
    return (await endLeft(killWithinMs)) !== null && !areEnded.includes(false);
  };
  const finish = async (outcome: Outcome) => {
    clearTimeout(limit);
    if (outcome.status === 'completed' || (await endAllLeft())) return outcome;
    return failed(`${outcome.error}; some of its processes could not be ended`);
  };
  const perform = (command: StepsCommand): void => {
    switch (command.type) {
      case 'start_step':
        startStep(command).catch(finished.reject);
        break;
      case 'delay': {
        const { index } = command;
        const delayMs = retryDelayMs(steps[index]!.step.retry, state.steps[index]!.attempts);
        delay = setTimeout(() => dispatch({ type: 'delay_over', ...now() }), delayMs);
        break;
      }
      case 'end_step':
        ending = command.outcome;
        running?.end(command.outcome, killWithinMs);
        break;
      case 'finish':
        finish(command.outcome).then(finished.resolve, finished.reject);
        break;
      default:
        command satisfies never;
    }
  };

  const limit = setTimeout(() => {
    dispatch({ type: 'timed_out', error: timeoutText(timeoutSeconds), ...now() });
  }, timeoutSeconds * 1000);
  dispatch({ type: 'start', ...now() });
  return {
    ended: finished.promise,
    end: (outcome, withinMs) => {
      killWithinMs = Math.min(killWithinMs, withinMs);
      dispatch({ type: 'end', outcome, ...now() });
    },
  };
}
