import { newAttemptToken, newTaskId } from '@booner/protocol/task-id';
import { describe, expect, it } from 'vitest';
import { failed } from '../process/outcome-of-exit.ts';
import { makeAction } from '../testing/action-factory.ts';
import {
  COMPLETED,
  grantOf,
  INSTANCE,
  type SimulatedDriver,
  type SimulatedDriverOptions,
  startSimulatedDriver,
} from '../testing/simulated-driver.ts';
import { runningTasks } from './executor-state.ts';

const DEPLOY = makeAction({ name: 'deploy' });
const REPEAT = makeAction({ name: 'repeat', idempotent: true });
const RETRY = { attempts: 2, backoffMs: 1000 };
const RETRIED = makeAction({ name: 'retried', idempotent: true, retry: RETRY });
const FAILED = failed('exit code 3');

function startedDriver(options: Partial<SimulatedDriverOptions> = {}): SimulatedDriver {
  const driver = startSimulatedDriver({ actions: [DEPLOY, REPEAT, RETRIED], ...options });
  driver.input({ type: 'start' });
  return driver;
}

/** Brings a task to its process. */
function runTask(driver: SimulatedDriver, action = 'deploy', task = newTaskId()) {
  const attempt = newAttemptToken();
  driver.offer(task, action);
  driver.grant(task, attempt);
  driver.written(attempt);
  return { task, attempt };
}

const typesOf = (commands: readonly { readonly type: string }[]) => commands.map(({ type }) => type);

describe('the executor', () => {
  it('claims a task, writes that it starts, starts it, records its end, and reports it until settled', () => {
    const driver = startedDriver();
    const task = newTaskId();
    const attempt = newAttemptToken();
    expect(driver.offer(task, 'deploy')).toEqual([
      { type: 'claim', task, idempotent: false, attempts: null, starts: 0 },
    ]);
    expect(typesOf(driver.grant(task, attempt))).toEqual([
      'drop_claim',
      'open_attempt',
      'write_started',
      'announce',
    ]);
    expect(runningTasks(driver.state)).toEqual([task]);
    expect(typesOf(driver.written(attempt))).toEqual(['start_attempt']);
    expect(typesOf(driver.exit(attempt))).toEqual(['record_end']);
    expect(typesOf(driver.recorded(attempt))).toEqual(['report_end', 'announce']);
    expect(runningTasks(driver.state)).toEqual([]);
    expect(driver.reporting.get(attempt)).toMatchObject({ instance: INSTANCE, outcome: COMPLETED });
    expect(typesOf(driver.input({ type: 'settled', task, attempt }))).toEqual(['stop_reporting', 'record']);
    expect(driver.state.tasks.size).toBe(0);
  });

  it('records the steps of an attempt with its end, and reports them', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver);
    const steps = [{ name: 'build', status: 'completed', attempts: 2, durationMs: 5, firstLine: 1 } as const];
    driver.input({
      type: 'attempt_ended',
      task,
      attempt,
      outcome: COMPLETED,
      logLines: 3,
      steps: [...steps],
    });
    expect(driver.recording.get(attempt)?.record).toMatchObject({ type: 'ended', logLines: 3, steps });
    driver.recorded(attempt);
    expect(driver.reporting.get(attempt)).toMatchObject({ steps });
    expect(driver.endOf(task)).toMatchObject({ steps });
  });

  it('starts no process when its line cannot be written, and fails the task', () => {
    const driver = startedDriver();
    const task = newTaskId();
    const attempt = newAttemptToken();
    driver.offer(task, 'deploy');
    driver.grant(task, attempt);
    driver.written(attempt, 'ENOSPC');
    expect(driver.processes.size).toBe(0);
    driver.recorded(attempt);
    expect(driver.reporting.get(attempt)?.outcome).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^not started: .*ENOSPC$/),
    });
  });

  it('cancels a granted task before its process starts', () => {
    const driver = startedDriver();
    const task = newTaskId();
    const attempt = newAttemptToken();
    driver.offer(task, 'deploy');
    driver.grant(task, attempt);
    driver.input({ type: 'cancel', task, attempt });
    expect(typesOf(driver.written(attempt))).toEqual(['record_end']);
    expect(driver.recording.get(attempt)?.outcome).toMatchObject({ status: 'cancelled' });
  });

  it('ignores a cancel for another attempt', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver);
    expect(driver.input({ type: 'cancel', task, attempt: newAttemptToken() })).toEqual([]);
    expect(driver.input({ type: 'cancel', task, attempt })).toEqual([
      expect.objectContaining({ type: 'end_attempt', attempt, graceMs: 10_000 }),
    ]);
  });

  it('reports an end at once when its grant is repeated', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver);
    expect(driver.grant(task, attempt)).toEqual([]);
    driver.exit(attempt);
    driver.recorded(attempt);
    expect(driver.grant(task, attempt)).toEqual([{ type: 'repeat_end', attempt }]);
  });

  it('starts nothing that was granted to another start of the runner', () => {
    const driver = startedDriver();
    const task = newTaskId();
    driver.offer(task, 'deploy');
    expect(driver.input(grantOf(task, newAttemptToken(), 'aaaaaaaaaaaa.cccccccccccc'))).toEqual([]);
    expect(driver.claims).toEqual(new Map([[task, expect.anything()]]));
  });

  it('never runs a task again whose end the journal remembers, although the hubs grant it', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver);
    driver.exit(attempt);
    driver.recorded(attempt);
    driver.input({ type: 'settled', task, attempt });
    driver.offer(task, 'deploy');
    const second = newAttemptToken();
    expect(typesOf(driver.grant(task, second))).toEqual(['drop_claim', 'record', 'report_end']);
    expect(driver.reporting.get(second)).toMatchObject({ attempt: second, outcome: COMPLETED });
  });

  it('does not run it either when the journal forgets the end between claim and grant', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver);
    driver.exit(attempt);
    driver.recorded(attempt);
    driver.input({ type: 'settled', task, attempt });
    driver.offer(task, 'deploy');
    driver.forgetEnds();
    expect(typesOf(driver.grant(task, newAttemptToken()))).toEqual(['drop_claim', 'record', 'report_end']);
  });

  it('runs an idempotent task again that the hubs gave up and offered again, after its processes', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver, 'repeat');
    driver.offer(task, 'repeat');
    expect(typesOf(driver.input({ type: 'stop', task, attempt }))).toEqual(['end_attempt']);
    expect(driver.claims.size).toBe(0);
    driver.exit(attempt);
    expect(typesOf(driver.recorded(attempt))).toEqual([
      'report_end',
      'announce',
      'stop_reporting',
      'record',
      'claim',
    ]);
    const second = newAttemptToken();
    driver.grant(task, second);
    driver.written(second);
    expect(driver.processes.has(second)).toBe(true);
  });

  it('starts a failed action again as the same attempt, and ends with the last failure', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver, 'retried');
    expect(driver.exit(attempt, FAILED)).toEqual([
      { type: 'delay', task, attempt, retry: RETRY, number: 1, error: 'exit code 3' },
    ]);
    expect(runningTasks(driver.state)).toEqual([task]);
    expect(typesOf(driver.delayOver(attempt))).toEqual(['write_started']);
    expect(driver.writing.get(attempt)).toMatchObject({ number: 2 });
    expect(driver.written(attempt)).toEqual([expect.objectContaining({ type: 'start_attempt', number: 2 })]);
    expect(typesOf(driver.exit(attempt, FAILED))).toEqual(['record_end']);
    expect(driver.recording.get(attempt)?.record).toMatchObject({ outcome: FAILED, number: 2 });
  });

  it('claims a task that was interrupted with its starts, and continues to count', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver, 'retried');
    driver.exit(attempt, FAILED);
    driver.crash(true);
    expect(driver.offer(task, 'retried')).toEqual([
      { type: 'claim', task, idempotent: true, attempts: 2, starts: 1 },
    ]);
    const second = newAttemptToken();
    driver.grant(task, second); // by a hub that does not count
    driver.written(second);
    expect(driver.processes.get(second)).toMatchObject({ number: 2 });
    expect(typesOf(driver.exit(second, FAILED))).toEqual(['record_end']);
  });

  it('keeps the lock of an action between two starts', () => {
    const locked = { idempotent: true, retry: RETRY, lock: 'site' };
    const driver = startedDriver({
      actions: [makeAction({ name: 'a', ...locked }), makeAction({ ...locked })],
    });
    const { attempt } = runTask(driver, 'a');
    driver.exit(attempt, FAILED);
    expect(driver.offer(newTaskId(), 'probe')).toEqual([]);
  });

  it('ends a task that is cancelled between two starts', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver, 'retried');
    driver.exit(attempt, FAILED);
    expect(typesOf(driver.input({ type: 'cancel', task, attempt }))).toEqual(['end_attempt']);
    expect(typesOf(driver.delayOver(attempt))).toEqual(['record_end']);
    expect(driver.recording.get(attempt)?.outcome).toMatchObject({ status: 'cancelled' });
  });

  it('does not start a cancelled action again, nor a dry run', () => {
    const driver = startedDriver();
    const { task, attempt } = runTask(driver, 'retried');
    driver.input({ type: 'cancel', task, attempt });
    driver.processes.get(attempt)!.requested = FAILED; // some of its processes are left
    expect(typesOf(driver.exit(attempt))).toEqual(['record_end']);
    const check = newTaskId();
    const dryRun = { task: check, action: 'retried', params: {}, sealedParams: null, check: true };
    driver.recorded(attempt);
    expect(driver.input({ type: 'offer', offer: dryRun })).toMatchObject([{ type: 'claim', attempts: null }]);
    const second = newAttemptToken();
    driver.grant(check, second);
    driver.written(second);
    expect(typesOf(driver.exit(second, FAILED))).toEqual(['record_end']);
  });

  it('leaves a task between two starts to the next start of the runner', () => {
    const driver = startedDriver({ concurrency: 2 });
    const { task, attempt } = runTask(driver, 'retried');
    driver.exit(attempt, FAILED);
    expect(driver.input({ type: 'shutdown' })).toEqual([{ type: 'leave_attempt', attempt }]);
    expect(runningTasks(driver.state)).toEqual([]);
    expect(driver.interrupted()).toMatchObject([{ task, number: 1 }]);
  });

  it('looks for processes of a task that is denied, unless it was cancelled', () => {
    const driver = startedDriver();
    const task = newTaskId();
    driver.offer(task, 'deploy');
    const denied = driver.input({ type: 'deny', task, reason: 'failed' });
    expect(typesOf(denied)).toEqual(['drop_claim', 'end_strays']);
    driver.offer(task, 'deploy');
    expect(typesOf(driver.input({ type: 'deny', task, reason: 'cancelled' }))).toEqual(['drop_claim']);
  });

  it('claims nothing while another runner serves the host, and catches up afterwards', () => {
    const driver = startedDriver();
    const task = newTaskId();
    driver.input({ type: 'serving', isServing: false });
    expect(driver.offer(task, 'deploy')).toEqual([]);
    expect(typesOf(driver.input({ type: 'serving', isServing: true }))).toEqual(['send_again', 'claim']);
  });

  it('takes what the bus delivers before it is started, and acts on it at the start', () => {
    const task = newTaskId();
    const settled = { task: newTaskId(), attempt: newAttemptToken() };
    const open = { task: newTaskId(), attempt: newAttemptToken() };
    const endOf = ({ task, attempt }: typeof open) =>
      ({
        type: 'ended',
        task,
        attempt,
        instance: INSTANCE,
        outcome: COMPLETED,
        logLines: 0,
        atMs: 0,
      }) as const;
    const driver = startSimulatedDriver({ actions: [DEPLOY], ends: [endOf(settled), endOf(open)] });
    expect(driver.offer(task, 'deploy')).toEqual([]);
    driver.input({ type: 'settled', ...settled });
    expect(typesOf(driver.input({ type: 'start' }))).toEqual(['report_end', 'claim', 'announce']);
    expect([...driver.reporting.keys()]).toEqual([open.attempt]);
  });

  it('skips an offer when 1,000 tasks wait', () => {
    const driver = startedDriver();
    driver.input({ type: 'serving', isServing: false });
    for (let count = 0; count < 1000; count += 1) driver.offer(newTaskId(), 'deploy');
    const task = newTaskId();
    expect(driver.offer(task, 'deploy')).toEqual([{ type: 'skip_offer', task, waiting: 1000 }]);
  });

  it('runs a task under the lock that it was claimed for when its file changes meanwhile', () => {
    const locked = makeAction({ name: 'deploy', lock: 'site' });
    const driver = startedDriver({ actions: [locked] });
    const [task, attempt] = [newTaskId(), newAttemptToken()];
    driver.offer(task, 'deploy');
    driver.setActions([makeAction({ name: 'deploy', lock: 'other' })]);
    driver.grant(task, attempt);
    driver.written(attempt);
    expect(driver.processes.get(attempt)?.action).toBe(locked);
    driver.exit(attempt);
    const [later, second] = [newTaskId(), newAttemptToken()];
    driver.offer(later, 'deploy');
    driver.setActions([makeAction({ name: 'deploy', lock: 'other', timeoutSeconds: 7 })]);
    driver.grant(later, second);
    driver.written(second);
    expect(driver.processes.get(second)?.action).toMatchObject({ timeoutSeconds: 7 });
  });

  it('refuses a task whose action appears only after it was claimed: it holds no slot', () => {
    const driver = startedDriver({ actions: [] });
    const [task, attempt] = [newTaskId(), newAttemptToken()];
    driver.offer(task, 'deploy');
    driver.setActions([makeAction({ name: 'deploy', lock: 'site' })]);
    driver.grant(task, attempt);
    driver.written(attempt);
    expect(driver.processes.get(attempt)).toMatchObject({ action: null });
  });

  it('drops its claims when it stops, ends what says so, and lets the rest finish', () => {
    const failing = makeAction({ name: 'fail', onStop: 'fail' });
    const driver = startedDriver({ actions: [failing, DEPLOY], concurrency: 3 });
    const fail = runTask(driver, 'fail');
    const finish = runTask(driver, 'deploy');
    driver.offer(newTaskId(), 'deploy');
    driver.setActions([failing, makeAction({ name: 'deploy', concurrency: 2 })]);
    expect(driver.claims.size).toBe(1);
    expect(driver.input({ type: 'shutdown' })).toEqual([
      expect.objectContaining({ type: 'end_attempt', attempt: fail.attempt, graceMs: 10_000 }),
      expect.objectContaining({ type: 'drop_claim' }),
    ]);
    expect(driver.offer(newTaskId(), 'deploy')).toEqual([]);
    expect(driver.processes.get(finish.attempt)?.requested).toBeNull();
  });

  it('ends every run when its policy bounds the stop', () => {
    const driver = startedDriver({ stopWithinMs: 1500 });
    const { attempt } = runTask(driver);
    expect(driver.input({ type: 'shutdown' })).toEqual([
      expect.objectContaining({ type: 'end_attempt', attempt, graceMs: 1500 }),
    ]);
  });
});
