import type { Outcome } from '@booner/protocol';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { failed } from '../process/outcome-of-exit.ts';
import {
  advanceSteps,
  initialSteps,
  type StepPlan,
  type StepsCommand,
  type StepsInput,
} from './steps-machine.ts';

const COMPLETED: Outcome = { status: 'completed', result: null, error: null };
const CANCELLED: Outcome = { status: 'cancelled', result: null, error: 'cancelled' };
const FAILED = failed('exit code 1');

const plans = fc.array(
  fc.record({
    retry: fc.record({ attempts: fc.integer({ min: 1, max: 3 }), backoffMs: fc.constant(1000) }),
    continueOnError: fc.boolean(),
    always: fc.boolean(),
  }),
  { minLength: 1, maxLength: 6 },
);
/** What happens next: mostly that the step ends, or its delay. */
const events = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.constant('completes' as const) },
    { weight: 6, arbitrary: fc.constant('fails' as const) },
    { weight: 1, arbitrary: fc.constantFrom('cancel' as const, 'stop' as const, 'timeout' as const) },
  ),
  { maxLength: 40 },
);
type Event = 'completes' | 'fails' | 'cancel' | 'stop' | 'timeout';

/** Plays a run to its end, and notes what was started. */
function play(choices: readonly Pick<StepPlan, 'retry' | 'continueOnError' | 'always'>[], script: Event[]) {
  const plan = choices.map((each, index) => ({
    ...each,
    name: `s${index}`,
    timeoutSeconds: null,
  }));
  let state = initialSteps(plan);
  const started: { readonly index: number; readonly isCleanUp: boolean; readonly isStopped: boolean }[] = [];
  const finishes: Outcome[] = [];
  let requested: Outcome | null = null;
  let isStopped = false;
  const input = (next: StepsInput) => {
    const advanced = advanceSteps(state, next);
    state = advanced.state;
    for (const command of advanced.commands) note(command);
  };
  const note = (command: StepsCommand) => {
    expect(finishes).toEqual([]);
    if (command.type === 'start_step') {
      requested = null;
      started.push({ index: command.index, isCleanUp: command.isCleanUp, isStopped });
    }
    if (command.type === 'end_step') requested = command.outcome;
    if (command.type === 'finish') finishes.push(command.outcome);
  };
  const happen = (event: Event) => {
    const timed = { atMs: 0 };
    if (event === 'stop') isStopped = true;
    if (event === 'stop') return input({ type: 'end', outcome: failed('stopped'), ...timed });
    if (event === 'cancel') return input({ type: 'end', outcome: CANCELLED, ...timed });
    if (event === 'timeout') return input({ type: 'timed_out', error: 'timed out', ...timed });
    if (state.phase === 'delaying') return input({ type: 'delay_over', ...timed });
    input({
      type: 'step_ended',
      outcome: event === 'completes' ? COMPLETED : (requested ?? FAILED),
      ...timed,
    });
  };
  input({ type: 'start', atMs: 0 });
  for (const event of script) happen(event);
  // However it goes on, it takes at most every attempt and every delay.
  for (let left = 2 * 3 * plan.length; left > 0 && finishes.length === 0; left--) happen('fails');
  return { plan, state, started, finishes };
}

it('keeps its promises, whatever happens', () => {
  fc.assert(
    fc.property(plans, events, (choices, script) => {
      const { plan, state, started, finishes } = play(choices, script);
      // It ends, one time, and every step has an end.
      expect(finishes).toHaveLength(1);
      const statuses = state.steps.map(({ status }) => status);
      expect(statuses.filter((status) => status === 'waiting' || status === 'running')).toEqual([]);
      // Steps start in order, each at most as often as it may.
      const order = started.map(({ index }) => index);
      expect(order.toSorted((a, b) => a - b)).toEqual(order);
      for (const [index, { retry }] of plan.entries()) {
        expect(order.filter((each) => each === index).length).toBeLessThanOrEqual(retry.attempts);
        expect(state.steps[index]?.attempts).toBe(order.filter((each) => each === index).length);
      }
      // Nothing starts after a stop. Clean-up starts steps with `always` alone, one time each.
      expect(started.filter(({ isStopped }) => isStopped)).toEqual([]);
      const cleanUp = started.filter(({ isCleanUp }) => isCleanUp).map(({ index }) => index);
      expect(cleanUp.every((index) => plan[index]?.always)).toBe(true);
      expect(new Set(cleanUp).size).toBe(cleanUp.length);
      // Without a stop, every step with `always` has run.
      if (!script.includes('stop')) {
        expect(plan.every(({ always }, index) => !always || order.includes(index))).toBe(true);
      }
      // It completes exactly if every step did, or was allowed to fail.
      const [outcome] = finishes;
      const isFine = statuses.every(
        (status, index) => status === 'completed' || plan[index]?.continueOnError,
      );
      if (outcome?.status === 'completed') expect(isFine && !statuses.includes('skipped')).toBe(true);
      if (outcome?.status === 'cancelled') expect(script).toContain('cancel');
      if (!script.some((event) => ['cancel', 'stop', 'timeout'].includes(event))) {
        expect(outcome?.status).toBe(statuses.includes('skipped') || !isFine ? 'failed' : 'completed');
      }
    }),
    { numRuns: 2000 },
  );
});
