import type { Outcome, StepStatus } from '@booner/protocol';
import type { ActionStep } from '../catalogue/action.ts';
import { completed, exitText, failed } from '../process/outcome-of-exit.ts';

export type StepPlan = Omit<ActionStep, 'command'>;

type StepState = {
  readonly status: StepStatus;
  readonly attempts: number;
  /** On the clock of the inputs. */
  readonly startedAtMs: number | null;
  readonly durationMs: number | null;
};

export type StepsState = {
  readonly plan: readonly StepPlan[];
  readonly steps: readonly StepState[];
  readonly phase: 'created' | 'running' | 'delaying' | 'ended';
  /** Index of the step that runs or waits for its next attempt. */
  readonly current: number;
  /** Outcome of the task, once a step failed or an end was requested: only clean-up still runs. */
  readonly decided: Outcome | null;
  /** True if nothing may start any more. */
  readonly isStopped: boolean;
  /** Outcome of the last step that completed. */
  readonly last: Outcome | null;
};

type Timed = { readonly atMs: number };

export type StepsInput = Timed &
  (
    | { readonly type: 'start' }
    /** Answers `start_step`: nothing of this attempt is left, unless it completed. */
    | { readonly type: 'step_ended'; readonly outcome: Outcome }
    /** Answers `delay`. */
    | { readonly type: 'delay_over' }
    /** The time limit of the action is over. */
    | { readonly type: 'timed_out'; readonly error: string }
    /** Ends the task. Clean-up still runs if the outcome is `cancelled`. */
    | { readonly type: 'end'; readonly outcome: Outcome }
  );

/** Effects for the driver to perform, in this order. */
export type StepsCommand =
  /** Answered by `step_ended`. */
  | { readonly type: 'start_step'; readonly index: number; readonly isCleanUp: boolean }
  /** Answered by `delay_over`, unless another input comes first. */
  | { readonly type: 'delay'; readonly index: number }
  /** Ends the processes of the running step. */
  | { readonly type: 'end_step'; readonly outcome: Outcome }
  /** The last command. */
  | { readonly type: 'finish'; readonly outcome: Outcome };

export type StepsAdvance = { readonly state: StepsState; readonly commands: readonly StepsCommand[] };

const WAITING: StepState = { status: 'waiting', attempts: 0, startedAtMs: null, durationMs: null };

export const initialSteps = (plan: readonly StepPlan[]): StepsState => ({
  plan,
  steps: plan.map(() => WAITING),
  phase: 'created',
  current: 0,
  decided: null,
  isStopped: false,
  last: null,
});

/**
 * Advances the steps of one attempt at a task. They run in order. After a failure or a
 * cancellation, only steps with `always` start, one time each. Inputs that do not fit are ignored.
 */
export function advanceSteps(state: StepsState, input: StepsInput): StepsAdvance {
  const { phase } = state;
  if (phase === 'ended') return unchanged(state);
  switch (input.type) {
    case 'start':
      return phase === 'created' ? startNext(state, input) : unchanged(state);
    case 'step_ended':
      return phase === 'running' ? endStep(state, input) : unchanged(state);
    case 'delay_over':
      return phase === 'delaying' ? startStep(state, state.current, input) : unchanged(state);
    case 'timed_out': {
      if (state.decided !== null) return unchanged(state);
      return interrupt({ ...state, decided: failedStep(state, input.error) }, failed(input.error), input);
    }
    case 'end': {
      const { outcome } = input;
      const isStopped = state.isStopped || outcome.status !== 'cancelled';
      if (state.decided !== null && !isStopped) return unchanged(state);
      return interrupt({ ...state, isStopped, decided: state.decided ?? outcome }, outcome, input);
    }
    default:
      return input satisfies never;
  }
}

const unchanged = (state: StepsState): StepsAdvance => ({ state, commands: [] });

/** Continues with clean-up, or with nothing, once the running step has ended. */
function interrupt(state: StepsState, outcome: Outcome, input: Timed): StepsAdvance {
  switch (state.phase) {
    case 'running':
      return { state, commands: [{ type: 'end_step', outcome }] };
    case 'delaying':
      return startNext(withEnd(state, outcome.status, input), input);
    case 'created': // there is nothing to clean up
      return startNext({ ...state, isStopped: true }, input);
    case 'ended':
      return unchanged(state);
    default:
      return state.phase satisfies never;
  }
}

function endStep(state: StepsState, input: Timed & { readonly outcome: Outcome }): StepsAdvance {
  const { plan, steps, current, decided } = state;
  const { outcome } = input;
  const { retry, continueOnError } = plan[current]!;
  if (outcome.status === 'completed') {
    return startNext({ ...withEnd(state, 'completed', input), last: outcome }, input);
  }
  if (decided === null && steps[current]!.attempts < retry.attempts) {
    return { state: { ...state, phase: 'delaying' }, commands: [{ type: 'delay', index: current }] };
  }
  const ended = withEnd(state, outcome.status, input);
  if (decided !== null || continueOnError) return startNext(ended, input);
  return startNext({ ...ended, decided: failedStep(state, outcome.error ?? '', outcome.result) }, input);
}

function withEnd(state: StepsState, status: StepStatus, { atMs }: Timed): StepsState {
  const { startedAtMs } = state.steps[state.current]!;
  const durationMs = startedAtMs === null ? null : Math.max(0, Math.round(atMs - startedAtMs));
  return withStep(state, state.current, { status, durationMs });
}

function startNext(state: StepsState, input: Timed): StepsAdvance {
  const { plan, steps, decided, isStopped } = state;
  const mayRun = (index: number) => !isStopped && (decided === null || plan[index]!.always);
  const next = steps.findIndex(({ status }, index) => status === 'waiting' && mayRun(index));
  const upTo = next === -1 ? steps.length : next;
  const passed = steps.map((step, index) =>
    step.status === 'waiting' && index < upTo ? { ...step, status: 'skipped' as const } : step,
  );
  const skipped = { ...state, steps: passed };
  if (next !== -1) return startStep(skipped, next, input);
  const outcome = decided ?? state.last ?? completed(null, null);
  return { state: { ...skipped, phase: 'ended' }, commands: [{ type: 'finish', outcome }] };
}

function startStep(state: StepsState, index: number, { atMs }: Timed): StepsAdvance {
  const { attempts, startedAtMs } = state.steps[index]!;
  const change = { status: 'running', attempts: attempts + 1, startedAtMs: startedAtMs ?? atMs } as const;
  return {
    state: { ...withStep(state, index, change), phase: 'running', current: index },
    commands: [{ type: 'start_step', index, isCleanUp: state.decided !== null }],
  };
}

const withStep = (state: StepsState, index: number, change: Partial<StepState>): StepsState => ({
  ...state,
  steps: state.steps.map((step, at) => (at === index ? { ...step, ...change } : step)),
});

/** Returns the outcome of a task whose current step failed. Names the step, and its exit code. */
function failedStep({ plan, current }: StepsState, error: string, result: Outcome['result'] = null): Outcome {
  const code = result?.exitCode;
  const exit = typeof code === 'number' ? [`exited with code ${code}`] : [];
  const detail = typeof code === 'number' && error === exitText(code) ? [] : [error];
  return { ...failed([`step ${plan[current]!.name}`, ...exit, ...detail].join(': ')), result };
}
