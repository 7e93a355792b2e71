import type { Outcome } from '@booner/protocol';
import { expect, it } from 'vitest';
import { NO_RETRY } from '../catalogue/retry.ts';
import { failed } from '../process/outcome-of-exit.ts';
import {
  advanceSteps,
  initialSteps,
  type StepPlan,
  type StepsCommand,
  type StepsInput,
  type StepsState,
} from './steps-machine.ts';

const COMPLETED: Outcome = { status: 'completed', result: { details: 'done' }, error: null };
const CANCELLED: Outcome = { status: 'cancelled', result: null, error: 'cancelled' };
const STOPPED = failed('the runner was stopped');
const FAILED: Outcome = { status: 'failed', result: { exitCode: 2 }, error: 'exit code 2' };

const step = (name: string, change: Partial<StepPlan> = {}): StepPlan => ({
  name,
  timeoutSeconds: null,
  retry: NO_RETRY,
  continueOnError: false,
  always: false,
  ...change,
});

type Untimed = StepsInput extends infer Each ? (Each extends StepsInput ? Omit<Each, 'atMs'> : never) : never;

/** Takes inputs, a second apart. */
function take(plan: readonly StepPlan[], ...inputs: Untimed[]) {
  let state: StepsState = initialSteps(plan);
  let commands: readonly StepsCommand[] = [];
  for (const [index, input] of [{ type: 'start' } as const, ...inputs].entries()) {
    ({ state, commands } = advanceSteps(state, { ...input, atMs: index * 1000 } as StepsInput));
  }
  return { state, commands, statuses: state.steps.map(({ status }) => status) };
}
const ended = (outcome: Outcome): Untimed => ({ type: 'step_ended', outcome });

it('runs the steps in order, and completes with the result of the last one', () => {
  const plan = [step('build'), step('deploy')];
  expect(take(plan).commands).toEqual([{ type: 'start_step', index: 0, isCleanUp: false }]);
  expect(take(plan, ended(COMPLETED)).commands).toEqual([{ type: 'start_step', index: 1, isCleanUp: false }]);
  const { commands, state } = take(plan, ended(COMPLETED), ended({ ...COMPLETED, result: { to: 'eu' } }));
  expect(commands).toEqual([{ type: 'finish', outcome: { ...COMPLETED, result: { to: 'eu' } } }]);
  expect(state.steps).toMatchObject([
    { status: 'completed', attempts: 1, durationMs: 1000 },
    { status: 'completed', attempts: 1, durationMs: 1000 },
  ]);
});

it('names the step that failed, skips what follows, and cleans up', () => {
  const plan = [step('build'), step('deploy'), step('tidy', { always: true }), step('report')];
  const failedBuild = take(plan, ended(FAILED));
  expect(failedBuild.statuses).toEqual(['failed', 'skipped', 'running', 'waiting']);
  expect(failedBuild.commands).toEqual([{ type: 'start_step', index: 2, isCleanUp: true }]);
  const { commands, statuses } = take(plan, ended(FAILED), ended(COMPLETED));
  expect(statuses).toEqual(['failed', 'skipped', 'completed', 'skipped']);
  const error = 'step build: exited with code 2';
  expect(commands).toEqual([
    { type: 'finish', outcome: { status: 'failed', result: { exitCode: 2 }, error } },
  ]);
});

it.each([
  ['the last line of stderr', { ...FAILED, error: 'no space' }, 'step build: exited with code 2: no space'],
  ['a signal', failed('killed by SIGSEGV'), 'step build: killed by SIGSEGV'],
])('adds %s to the error', (_, outcome, error) => {
  const { commands } = take([step('build')], ended(outcome));
  expect(commands).toMatchObject([{ type: 'finish', outcome: { error } }]);
});

it('retries a step after its delay, and then fails', () => {
  const plan = [step('build', { retry: { attempts: 2, backoffMs: 5000 } })];
  const waits = take(plan, ended(FAILED));
  expect(waits.commands).toEqual([{ type: 'delay', index: 0 }]);
  expect(waits.statuses).toEqual(['running']);
  expect(take(plan, ended(FAILED), { type: 'delay_over' }).commands).toMatchObject([{ type: 'start_step' }]);
  const { state } = take(plan, ended(FAILED), { type: 'delay_over' }, ended(FAILED));
  expect(state.steps).toMatchObject([{ status: 'failed', attempts: 2, durationMs: 3000 }]);
});

it('goes on after a failure that is allowed', () => {
  const plan = [step('probe', { continueOnError: true }), step('deploy')];
  const { commands, statuses } = take(plan, ended(FAILED), ended(COMPLETED));
  expect(statuses).toEqual(['failed', 'completed']);
  expect(commands).toEqual([{ type: 'finish', outcome: COMPLETED }]);
});

const CLEANED = [step('build'), step('tidy', { always: true, retry: { attempts: 3, backoffMs: 0 } })];

it('ends the running step of a cancelled task, and cleans up one time', () => {
  const cancel: Untimed = { type: 'end', outcome: CANCELLED };
  expect(take(CLEANED, cancel).commands).toEqual([{ type: 'end_step', outcome: CANCELLED }]);
  expect(take(CLEANED, cancel, ended(CANCELLED)).commands).toEqual([
    { type: 'start_step', index: 1, isCleanUp: true },
  ]);
  expect(take(CLEANED, cancel, ended(CANCELLED), cancel).commands).toEqual([]);
  const { commands, statuses } = take(CLEANED, cancel, ended(CANCELLED), ended(FAILED));
  expect(statuses).toEqual(['cancelled', 'failed']);
  expect(commands).toEqual([{ type: 'finish', outcome: CANCELLED }]);
});

it('starts nothing after a stop, not even clean-up', () => {
  const stop: Untimed = { type: 'end', outcome: STOPPED };
  const { commands, statuses } = take(CLEANED, stop, ended(STOPPED));
  expect(statuses).toEqual(['failed', 'skipped']);
  expect(commands).toEqual([{ type: 'finish', outcome: STOPPED }]);
});

it('ends the clean-up of a cancelled task at a stop', () => {
  const cancelled = [{ type: 'end', outcome: CANCELLED } as const, ended(CANCELLED)];
  const stop: Untimed = { type: 'end', outcome: STOPPED };
  expect(take(CLEANED, ...cancelled, stop).commands).toEqual([{ type: 'end_step', outcome: STOPPED }]);
  const { commands } = take(CLEANED, ...cancelled, stop, ended(STOPPED));
  expect(commands).toEqual([{ type: 'finish', outcome: CANCELLED }]);
});

it('fails at the time limit of the action, without another attempt, and cleans up', () => {
  const plan = [step('build', { retry: { attempts: 9, backoffMs: 60_000 } }), step('tidy', { always: true })];
  const late: Untimed = { type: 'timed_out', error: 'timed out after 9 s' };
  expect(take(plan, late).commands).toEqual([{ type: 'end_step', outcome: failed('timed out after 9 s') }]);
  const waited = take(plan, ended(FAILED), late);
  expect(waited.statuses).toEqual(['failed', 'running']);
  const { commands } = take(plan, ended(FAILED), late, ended(COMPLETED));
  expect(commands).toEqual([{ type: 'finish', outcome: failed('step build: timed out after 9 s') }]);
});
