import { type AttemptToken, newAttemptToken, newTaskId, type TaskId } from '@booner/protocol/task-id';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { failed } from '../process/outcome-of-exit.ts';
import { makeAction } from '../testing/action-factory.ts';
import {
  COMPLETED,
  grantOf,
  type SimulatedDriver,
  startSimulatedDriver,
} from '../testing/simulated-driver.ts';
import { type Command, type Input, runningTasks } from './executor-state.ts';

const LOCKED = [
  makeAction({ name: 'one', lock: 'site' }),
  makeAction({ name: 'two', lock: 'site', onStop: 'fail' }),
];
const REPEAT = makeAction({ name: 'repeat', concurrency: 1, idempotent: true });
const RETRY = { attempts: 3, backoffMs: 1000 };
const RETRIED = makeAction({ name: 'retried', lock: 'site', idempotent: true, retry: RETRY });
/** The states of the action files that a sequence switches between. */
const CATALOGUES = [
  [...LOCKED, REPEAT, RETRIED],
  [makeAction({ name: 'one' }), REPEAT, RETRIED],
  [makeAction({ name: 'one', lock: 'other' }), makeAction({ name: 'two', onStop: 'fail' }), REPEAT, RETRIED],
];
const NAMES = ['one', 'two', 'repeat', 'repeat', 'retried', 'retried', 'unknown'];
const CONCURRENCY = 2;

const FREQUENT = ['offer', 'grant', 'written', 'exit', 'delay over', 'recorded', 'settled'] as const;
const USUAL = ['catalogue', 'regrant', 'deny', 'cancel', 'stop'] as const;
const RARE = ['write fails', 'serving', 'connected', 'start', 'shutdown', 'crash'] as const;
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
  which: fc.nat({ max: 6 }),
});
/** Failures and deaths of the runner, with little else. */
const trouble = fc.record({
  type: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('offer', 'grant', 'written', 'delay over') },
    { weight: 3, arbitrary: fc.constantFrom('exit', 'recorded', 'crash') },
    { weight: 1, arbitrary: fc.constantFrom('stop', 'cancel', 'shutdown', 'settled') },
  ),
  which: fc.constantFrom(0, 1, 1, 1), // a process that ends with an odd one fails
});
type Happening = {
  readonly type: (typeof FREQUENT | typeof USUAL | typeof RARE)[number];
  readonly which: number;
};

type Granted = {
  readonly task: TaskId;
  readonly attempt: AttemptToken;
  readonly instance: string;
  readonly number: number;
};

const FAILED = failed('exit code 1');

/** A machine whose every command is held against the promises. */
function startObserved(stopWithinMs: number | null, names: readonly string[] = NAMES) {
  const driver = startSimulatedDriver({ actions: CATALOGUES[0]!, concurrency: CONCURRENCY, stopWithinMs });
  const tasks = names.map((action) => ({ task: newTaskId(), action }));
  const attempts: Granted[] = [];
  /** Starts that the hubs know of: they miss some of those within an attempt. */
  const counted = new Map<TaskId, number>();
  const starts = new Map<TaskId, number>();
  const written = new Set<AttemptToken>();
  const mayStartAgain = new Set<AttemptToken>();
  const started = new Set<AttemptToken>();
  const ran = new Set<TaskId>();
  const cancelled = new Set<AttemptToken>();
  let isStopped = false;

  const ofTask = (task: TaskId) => ({
    writing: [...driver.writing.values()].filter((record) => record.task === task).length,
    processes: [...driver.processes.values()].filter((process) => process.task === task).length,
    delaying: [...driver.delaying.values()].filter((delay) => delay.task === task).length,
    recording: [...driver.recording.values()].filter(({ record }) => record.task === task).length,
  });
  const activeOf = (task: TaskId) => {
    const { writing, processes, delaying, recording } = ofTask(task);
    return writing + processes + delaying + recording;
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
        const { task, action, attempt, number } = command;
        expect(written.has(attempt), 'the journal is written first').toBe(true);
        expect(activeOf(task), 'one process at a time').toBe(0);
        expect(cancelled.has(attempt), 'nothing starts after its cancel').toBe(false);
        written.delete(attempt);
        if (ran.has(task))
          expect(action?.idempotent ?? true, 'only an idempotent task runs again').toBe(true);
        started.add(attempt);
        if (action === null) break;
        ran.add(task);
        starts.set(task, (starts.get(task) ?? 0) + 1);
        if (action.retry !== null) {
          expect(number, 'no start is counted twice').toBeGreaterThanOrEqual(starts.get(task)!);
          expect(number, 'as many starts as allowed').toBeLessThanOrEqual(action.retry.attempts);
        }
        const holders = [...driver.processes.values(), ...driver.delaying.values()];
        const others = holders.flatMap((holder) => holder.action ?? []);
        expect(others.length).toBeLessThan(CONCURRENCY);
        const { lock, name } = action;
        if (lock !== null) expect(others.filter((other) => other.lock === lock)).toEqual([]);
        if (name === 'repeat') expect(others.filter((other) => other.name === name)).toEqual([]);
        break;
      }
      case 'end_attempt': {
        const { attempt } = command;
        const isHere = driver.processes.has(attempt) || driver.delaying.has(attempt);
        expect(isHere, 'only what runs or waits is ended').toBe(true);
        break;
      }
      case 'delay':
        expect(isStopped, 'no wait begins after a stop').toBe(false);
        expect(cancelled.has(command.attempt), 'nothing follows a cancel').toBe(false);
        expect(command.number).toBeLessThan(RETRY.attempts);
        mayStartAgain.add(command.attempt);
        break;
      case 'leave_attempt': {
        const left = driver.interrupted().map(({ attempt }) => attempt);
        expect(left, 'the journal knows of it').toContain(command.attempt);
        break;
      }
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
  /** Grants a claim as a hub does, or denies it when the starts are used up. */
  const grant = (task: TaskId) => {
    const { attempts: limit = null, starts = 0 } = driver.claims.get(task) ?? {};
    const number = Math.max(counted.get(task) ?? 0, starts) + 1;
    if (limit !== null && number > limit) {
      driver.input({ type: 'deny', task, reason: 'failed' });
      return;
    }
    if (driver.claims.has(task)) counted.set(task, number);
    const attempt = newAttemptToken();
    const { instance } = driver;
    attempts.push({ task, attempt, instance, number });
    driver.input(grantOf(task, attempt, instance, number));
  };
  const cancel = ({ task, attempt }: { task: TaskId; attempt: AttemptToken }) => {
    const { writing, processes, delaying } = driver;
    if ([writing, processes, delaying].some((each) => each.has(attempt))) cancelled.add(attempt);
    driver.input({ type: 'cancel', task, attempt });
    const process = processes.get(attempt);
    if (process !== undefined) expect(process.requested, 'a cancel ends the process').not.toBeNull();
    const delay = delaying.get(attempt);
    if (delay !== undefined) expect(delay.requested, 'a cancel ends the wait').toBe(true);
  };
  const exit = (attempt: AttemptToken, isFailed: boolean) => {
    const { action, number, requested } = driver.processes.get(attempt)!;
    const mayRetry = isFailed && requested === null && number < (action?.retry?.attempts ?? 1);
    driver.exit(attempt, isFailed ? FAILED : COMPLETED);
    expect(driver.recording.has(attempt), 'the end of the last process is recorded').toBe(!mayRetry);
    expect(driver.delaying.has(attempt), 'a failed one is repeated').toBe(mayRetry && !isStopped);
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
        grant(pick(driver.claims.keys(), which) ?? task);
        break;
      case 'regrant':
        if (attempt !== null)
          driver.input(grantOf(attempt.task, attempt.attempt, attempt.instance, attempt.number));
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
        if (running !== null) exit(running, which % 2 === 1);
        break;
      }
      case 'delay over': {
        const delaying = pick(driver.delaying.keys(), which);
        if (delaying !== null) driver.delayOver(delaying);
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
      case 'crash':
        isStopped = false;
        cancelled.clear();
        written.clear();
        driver.crash(which % 2 === 0);
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
        for (const task of [...driver.claims.keys()]) grant(task);
        for (let left = driver.writing.size; left > 0; left -= 1) write(0, null);
        for (const attempt of [...driver.processes.keys()]) driver.exit(attempt);
        for (const attempt of [...driver.delaying.keys()]) driver.delayOver(attempt);
        for (const attempt of [...driver.recording.keys()]) driver.recorded(attempt);
        for (const { task, attempt } of [...driver.reporting.values()])
          driver.input({ type: 'settled', task, attempt });
      }
    },
  };
}

const isSettled = (driver: SimulatedDriver): boolean => {
  const { state, claims, writing, processes, delaying, recording, reporting } = driver;
  const open = [state.tasks, claims, writing, processes, delaying, recording, reporting];
  return open.every(({ size }) => size === 0);
};

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
          const active = [
            ...driver.writing.values(),
            ...driver.processes.values(),
            ...driver.delaying.values(),
          ].map(({ task }) => task);
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

it('starts a task as often as its action allows, however often the runner dies', () => {
  fc.assert(
    fc.property(fc.array(trouble, { maxLength: 150, size: 'max' }), (happenings) => {
      const observed = startObserved(null, ['retried', 'retried']);
      observed.driver.input({ type: 'start' });
      for (const each of happenings) observed.take(each as Happening);
    }),
    { numRuns: 300 },
  );
});
