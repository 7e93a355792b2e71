import { type AttemptToken, newAttemptToken, newTaskId, type TaskId } from '@booner/protocol/task-id';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { makeAction } from '../testing/action-factory.ts';
import { grantOf, type SimulatedDriver, startSimulatedDriver } from '../testing/simulated-driver.ts';
import { type Command, type Input, runningTasks } from './executor-state.ts';

const LOCKED = [
  makeAction({ name: 'one', lock: 'site' }),
  makeAction({ name: 'two', lock: 'site', onStop: 'fail' }),
];
const REPEAT = makeAction({ name: 'repeat', concurrency: 1, idempotent: true });
/** The states of the action files that a sequence switches between. */
const CATALOGUES = [
  [...LOCKED, REPEAT],
  [makeAction({ name: 'one' }), REPEAT],
  [makeAction({ name: 'one', lock: 'other' }), makeAction({ name: 'two', onStop: 'fail' }), REPEAT],
];
const NAMES = ['one', 'two', 'one', 'repeat', 'repeat', 'unknown'];
const CONCURRENCY = 2;

const FREQUENT = ['offer', 'grant', 'written', 'exit', 'recorded', 'settled'] as const;
const USUAL = ['catalogue', 'regrant', 'deny', 'cancel', 'stop'] as const;
const RARE = ['write fails', 'serving', 'connected', 'start', 'shutdown'] as const;
/**
 * Everything that can happen, in any order. Messages of the bus may be lost, repeated and late:
 * each refers to any task or attempt so far, whatever has become of it.
 */
const happening = fc.record({
  type: fc.oneof(
    { weight: 20, arbitrary: fc.constantFrom(...FREQUENT) },
    { weight: 6, arbitrary: fc.constantFrom(...USUAL) },
    { weight: 1, arbitrary: fc.constantFrom(...RARE) },
  ),
  which: fc.nat({ max: 5 }),
});
type Happening = {
  readonly type: (typeof FREQUENT | typeof USUAL | typeof RARE)[number];
  readonly which: number;
};

/** A machine whose every command is held against the promises. */
function startObserved(stopWithinMs: number | null) {
  const driver = startSimulatedDriver({ actions: CATALOGUES[0]!, concurrency: CONCURRENCY, stopWithinMs });
  const tasks = NAMES.map((action) => ({ task: newTaskId(), action }));
  const attempts: { readonly task: TaskId; readonly attempt: AttemptToken }[] = [];
  const written = new Set<AttemptToken>();
  const mayStartAgain = new Set<AttemptToken>();
  const started = new Set<AttemptToken>();
  const ran = new Set<TaskId>();
  const cancelled = new Set<AttemptToken>();
  let isStopped = false;

  const ofTask = (task: TaskId) => ({
    writing: [...driver.writing.values()].filter((record) => record.task === task).length,
    processes: [...driver.processes.values()].filter((process) => process.task === task).length,
    recording: [...driver.recording.values()].filter(({ record }) => record.task === task).length,
  });
  const activeOf = (task: TaskId) => {
    const { writing, processes, recording } = ofTask(task);
    return writing + processes + recording;
  };

  driver.onCommand = (command: Command) => {
    switch (command.type) {
      case 'claim':
        expect(isStopped, 'nothing is claimed after a stop').toBe(false);
        expect(driver.claims.has(command.task), 'a task is claimed once at a time').toBe(false);
        expect(activeOf(command.task), 'a running task is not claimed').toBe(0);
        break;
      case 'drop_claim':
        expect(driver.claims.has(command.task)).toBe(true);
        break;
      case 'write_started': {
        const { task, attempt } = command.record;
        expect(isStopped, 'nothing begins after a stop').toBe(false);
        expect(driver.claims.has(task), 'the claim is dropped first').toBe(false);
        expect(activeOf(task), 'one attempt at a task at a time').toBe(0);
        expect(driver.endOf(task), 'a task whose end is known does not run again').toBeNull();
        if (started.has(attempt)) expect(mayStartAgain.has(attempt), 'an attempt starts once').toBe(true);
        written.delete(attempt);
        mayStartAgain.delete(attempt);
        break;
      }
      case 'start_attempt': {
        const { offer, action, attempt } = command;
        expect(written.has(attempt), 'the journal is written first').toBe(true);
        expect(activeOf(offer.task), 'one process at a time').toBe(0);
        expect(cancelled.has(attempt), 'nothing starts after its cancel').toBe(false);
        written.delete(attempt);
        if (ran.has(offer.task))
          expect(action?.idempotent ?? true, 'only an idempotent task runs again').toBe(true);
        started.add(attempt);
        if (action !== null) ran.add(offer.task);
        const others = [...driver.processes.values()].flatMap((process) => process.action ?? []);
        if (action === null) break;
        expect(others.length).toBeLessThan(CONCURRENCY);
        const { lock, name } = action;
        if (lock !== null) expect(others.filter((other) => other.lock === lock)).toEqual([]);
        if (name === 'repeat') expect(others.filter((other) => other.name === name)).toEqual([]);
        break;
      }
      case 'end_attempt':
        expect(driver.processes.has(command.attempt), 'only what runs is ended').toBe(true);
        break;
      case 'record_end': {
        const { task, attempt, type } = command.record;
        expect(activeOf(task), 'an attempt ends once, and after its process').toBe(0);
        if (type === 'settled') mayStartAgain.add(attempt);
        if (cancelled.has(attempt)) expect(command.outcome.status).not.toBe('completed');
        cancelled.delete(attempt);
        break;
      }
      case 'report_end':
        expect(activeOf(command.end.task), 'an end is reported when it is recorded').toBe(0);
        expect(driver.reporting.has(command.end.attempt), 'an end is reported once').toBe(false);
        break;
      case 'stop_reporting':
        break;
      case 'end_strays':
        expect(activeOf(command.task), 'strays are none of a running task').toBe(0);
        break;
      default:
    }
  };

  const pick = <Item>(items: Iterable<Item>, index: number): Item | null => {
    const list = [...items];
    return list.length === 0 ? null : (list[index % list.length] as Item);
  };
  const write = (index: number, failure: string | null) => {
    const attempt = pick(driver.writing.keys(), index);
    if (attempt === null) return;
    if (failure === null) written.add(attempt);
    driver.written(attempt, failure);
  };
  const grant = (task: TaskId) => {
    const attempt = newAttemptToken();
    attempts.push({ task, attempt });
    driver.input(grantOf(task, attempt));
  };
  const cancel = ({ task, attempt }: { task: TaskId; attempt: AttemptToken }) => {
    const isHere = driver.writing.has(attempt) || driver.processes.has(attempt);
    if (isHere) cancelled.add(attempt);
    driver.input({ type: 'cancel', task, attempt });
    const process = driver.processes.get(attempt);
    if (process !== undefined) expect(process.requested, 'a cancel ends the process').not.toBeNull();
  };
  const shutDown = () => {
    isStopped = true;
    driver.input({ type: 'shutdown' });
    expect(driver.claims.size, 'a stop drops every claim').toBe(0);
    for (const { action, requested } of driver.processes.values()) {
      if (stopWithinMs !== null || action?.onStop === 'fail') expect(requested).not.toBeNull();
    }
  };
  const take = ({ type: kind, which }: Happening): void => {
    const { task, action } = pick(tasks, which)!;
    const attempt = pick(attempts.toReversed(), which);
    switch (kind) {
      case 'offer':
        driver.offer(task, action);
        break;
      case 'grant':
        grant(pick(driver.claims, which) ?? task);
        break;
      case 'regrant':
        if (attempt !== null) driver.input(grantOf(attempt.task, attempt.attempt));
        break;
      case 'deny':
        driver.input({ type: kind, task, reason: which % 2 === 0 ? 'cancelled' : 'failed' });
        break;
      case 'cancel':
        if (attempt !== null) cancel(attempt);
        break;
      case 'stop':
      case 'settled':
        if (attempt !== null) driver.input({ type: kind, ...attempt });
        break;
      case 'written':
        write(which, null);
        break;
      case 'write fails':
        write(which, 'ENOSPC');
        break;
      case 'exit': {
        const running = pick(driver.processes.keys(), which);
        if (running === null) break;
        driver.exit(running);
        expect(driver.recording.has(running), 'the end of a process is recorded').toBe(true);
        break;
      }
      case 'recorded': {
        const recording = pick(driver.recording.keys(), which);
        if (recording !== null) driver.recorded(recording);
        break;
      }
      case 'serving':
        driver.input({ type: kind, isServing: which % 2 === 0 });
        break;
      case 'catalogue':
        driver.setActions(pick(CATALOGUES, which)!);
        break;
      case 'start':
      case 'connected':
        driver.input({ type: kind });
        break;
      case 'shutdown':
        shutDown();
        break;
      default: {
        kind satisfies never;
      }
    }
  };
  return {
    driver,
    take,
    shutDown,
    /** Lets all that is in progress come to its end. Claims are granted, ends are settled. */
    finish: () => {
      for (let round = 0; round < 50; round += 1) {
        for (const task of [...driver.claims]) grant(task);
        for (let left = driver.writing.size; left > 0; left -= 1) write(0, null);
        for (const attempt of [...driver.processes.keys()]) driver.exit(attempt);
        for (const attempt of [...driver.recording.keys()]) driver.recorded(attempt);
        for (const { task, attempt } of [...driver.reporting.values()])
          driver.input({ type: 'settled', task, attempt });
      }
    },
  };
}

const isSettled = ({ state, claims, writing, processes, recording, reporting }: SimulatedDriver): boolean =>
  state.tasks.size + claims.size + writing.size + processes.size + recording.size + reporting.size === 0;

const OPEN: readonly Input[] = [{ type: 'start' }, { type: 'serving', isServing: true }];

it('keeps its promises, whatever the bus loses, repeats and delays', () => {
  fc.assert(
    fc.property(
      fc.array(happening, { maxLength: 120, size: 'max' }),
      fc.constantFrom(null, 1500),
      fc.boolean(),
      fc.boolean(),
      (happenings, stopWithinMs, isStopped, isLate) => {
        const observed = startObserved(stopWithinMs);
        const { driver } = observed;
        if (!isLate) driver.input({ type: 'start' });
        for (const each of happenings) {
          observed.take(each);
          const active = [...driver.writing.values(), ...driver.processes.values()].map(({ task }) => task);
          expect(runningTasks(driver.state)).toEqual(expect.arrayContaining(active));
          if (driver.state.isServing) {
            const claimable = driver.peek({ type: 'serving', isServing: true });
            expect(claimable, 'no task waits for a free slot').toEqual([{ type: 'send_again' }]);
          }
        }
        if (isStopped) observed.shutDown();
        for (const input of OPEN) driver.input(input);
        observed.finish();
        expect(isSettled(driver), 'every task comes to its end').toBe(true);
      },
    ),
    { numRuns: 500 },
  );
});
