import { readdirSync, readFileSync } from 'node:fs';
import { newTaskId, type Outcome, type TaskId } from '@booner/protocol';
import { eventually, startProcess } from '@booner/testkit';
import { afterEach, expect, it } from 'vitest';
import { runScript, startTestRun } from '../testing/run-to-end.ts';
import { endLeftovers } from './end-leftovers.ts';

const cancelled: Outcome = { status: 'cancelled', result: null, error: 'cancelled by an operator' };
const deadlineMs = 60_000;
const isRoot = process.geteuid?.() === 0;

/** Processes that were started with the id of a task, zombies left out. */
function livingOf(taskId: TaskId): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        const state = readFileSync(`/proc/${pid}/stat`, 'latin1').replace(/^.*\) /s, '')[0];
        return state !== 'Z' && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(taskId);
      } catch (error) {
        // Some processes of other users cannot be read.
        if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code!)) return false;
        throw error;
      }
    });
}

const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'latin1'));
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code!)) return false;
    throw error;
  }
};

const started: number[] = [];
afterEach(() => {
  for (const pid of started.splice(0)) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
});

it('ends a process that cleans up at TERM, with a single TERM', async () => {
  await using run = await startTestRun(
    {
      command: [
        'bash',
        '-c',
        'trap "echo term; sleep 0.2; echo tidy; exit 0" TERM; echo ready; while :; do sleep 0.02; done',
      ],
    },
    { graceMs: 5000 },
  );
  await eventually(() => run.texts('stdout').includes('ready'), { deadlineMs, what: 'the trap' });
  run.end(cancelled);
  run.end({ ...cancelled, status: 'failed' });
  expect(await run.ended).toEqual(cancelled);
  expect(run.texts('stdout')).toEqual(['ready', 'term', 'tidy']);
});

it('ends a child that left the group with setsid and ignores TERM', async () => {
  await using run = await startTestRun({
    command: [
      'sh',
      '-c',
      `setsid sh -c 'trap "" TERM; echo ready; while :; do sleep 1; done' & trap "" TERM; wait; sleep 100`,
    ],
  });
  await eventually(() => run.texts('stdout').includes('ready'), { deadlineMs, what: 'the child' });
  expect(livingOf(run.taskId).length).toBeGreaterThanOrEqual(2);
  run.end(cancelled);
  expect(await run.ended).toEqual(cancelled);
  expect(livingOf(run.taskId)).toEqual([]);
});

it('ends a child that left the group and hides its environment as well', async () => {
  await using run = await startTestRun({
    command: ['sh', '-c', `env -i setsid sh -c 'echo $$; while :; do sleep 1; done' & wait`],
  });
  const pid = Number(await eventually(() => run.texts('stdout')[0], { deadlineMs, what: 'the child' }));
  expect(isAlive(pid)).toBe(true);
  run.end(cancelled);
  await run.ended;
  expect(isAlive(pid)).toBe(false);
});

it('ends processes that go on forking while they are ended', async () => {
  const bomb = `trap "" TERM; n=0; while [ $n -lt 400 ]; do n=$((n+1)); setsid sh -c 'trap "" TERM; sleep 60' & sleep 0.01; done; wait`;
  await using run = await startTestRun({ command: ['sh', '-c', bomb] }, { graceMs: 200 });
  await eventually(() => livingOf(run.taskId).length > 10, { deadlineMs, what: 'some children' });
  run.end(cancelled);
  expect(await run.ended).toEqual(cancelled);
  expect(livingOf(run.taskId)).toEqual([]);
});

it.skipIf(!isRoot)('ends a child of another user that left the group', async () => {
  await using run = await startTestRun({
    command: ['sh', '-c', 'setsid sh -c \'(setsid sh -c "echo \\$\\$; exec sleep 100" &)\'; sleep 100'],
    user: 'nobody',
  });
  const pid = Number(await eventually(() => run.texts('stdout')[0], { deadlineMs, what: 'the child' }));
  run.end(cancelled);
  expect(await run.ended).toEqual(cancelled);
  expect(isAlive(pid)).toBe(false);
});

it('ends a process that was stopped', async () => {
  await using run = await startTestRun(
    { command: ['sh', '-c', 'echo ready; kill -STOP $$; sleep 100'] },
    { graceMs: 60_000 },
  );
  await eventually(() => run.texts('stdout').includes('ready'), { deadlineMs, what: 'the process' });
  run.end(cancelled);
  expect(await run.ended).toEqual(cancelled);
});

it('ends all processes of a task that times out, and says so', async () => {
  await using run = await startTestRun({
    command: ['sh', '-c', 'setsid sleep 100 & sleep 100'],
    timeoutSeconds: 1,
  });
  expect(await run.ended).toEqual({ status: 'failed', result: null, error: 'timed out after 1 s' });
  expect(livingOf(run.taskId)).toEqual([]);
});

it('ends processes that a failed process left behind', async () => {
  const { outcome, run } = await runScript('setsid sleep 100 & sleep 100 & exit 3');
  expect(outcome.error).toBe('exit code 3');
  expect(livingOf(run.taskId)).toEqual([]);
});

it('leaves alone what a completed process started for good, and waits a second for its pipes', async () => {
  const { outcome, run } = await runScript('setsid sleep 100 & echo $!');
  const pid = Number(run.texts('stdout')[0]);
  started.push(pid);
  expect(outcome.status).toBe('completed');
  expect(isAlive(pid)).toBe(true);
});

it('changes nothing of a process that has ended', async () => {
  await using run = await startTestRun({ command: ['sh', '-c', 'echo done'] });
  const outcome = await run.ended;
  run.end(cancelled);
  expect(outcome.status).toBe('completed');
  expect(await run.ended).toBe(outcome);
});

it('ends processes that an earlier runner left of a task, and none of another', async () => {
  const [taskId, other] = [newTaskId(), newTaskId()];
  const sleeper = (id: TaskId, command: string, ...args: string[]) =>
    startProcess({ command, args, env: { BOONER_TASK_ID: id } });
  await using stubborn = await sleeper(
    taskId,
    'sh',
    '-c',
    'trap "" TERM; echo ready; while :; do sleep 1; done',
  );
  await using mild = await sleeper(taskId, 'sleep', '100');
  await using foreign = await sleeper(other, 'sleep', '100');
  await eventually(() => stubborn.lines.stdout.includes('ready'), { deadlineMs, what: 'the process' });
  expect(await endLeftovers(taskId, 200)).toBeGreaterThanOrEqual(2);
  await Promise.all([stubborn.exited, mild.exited]);
  expect(foreign.hasExited()).toBe(false);
  expect(await endLeftovers(taskId, 200)).toBe(0);
});

it('never ends the runner itself, even one that a task started', async () => {
  const { run } = await runScript('"$NODE" --input-type=module -e "$SCRIPT"', {
    action: {
      env: {
        NODE: process.execPath,
        SCRIPT: `
          import { endLeftovers } from ${JSON.stringify(new URL('./end-leftovers.ts', import.meta.url))};
          import { spawn } from 'node:child_process';
          spawn('sleep', ['100']);
          console.log(await endLeftovers(process.env.BOONER_TASK_ID, 100));
        `,
      },
    },
  });
  expect(run.texts('stdout')).toEqual(['1']);
});
