import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell, waiting } from './actions.ts';
import { reportsOf } from './bus-view.ts';
import { processesOfTask } from './process-table.ts';
import { startTaskBed, type TaskBed } from './task-bed.ts';

const RESTARTED = 'runner restarted while the task ran';
const KILLS = 6;
const TASKS_A_KILL = 4;
/** About twice the time from a creation to a started process. */
const KILL_WITHIN_MS = 60;

const startsIn = async (bed: TaskBed): Promise<readonly string[]> =>
  (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');
const startsOf = async (bed: TaskBed, id: string) =>
  (await startsIn(bed)).filter((start) => start === id).length;
/** Events of a task without its progress, which a quick task may not report. */
const historyOf = async (bed: TaskBed, id: string) =>
  (await bed.events(id)).map(({ kind }) => kind).filter((kind) => kind !== 'progress');
const release = (bed: TaskBed) => writeFile(join(bed.directory, 'go'), '');

describe.concurrent('a runner that is killed', () => {
  it('after it claimed a task and before its journal line starts it once, after a restart', async () => {
    await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
    bed.proxy.pause();
    const id = await bed.create('wait');
    await bed.hub.kill('SIGSTOP'); // so that the grant arrives while no runner is there to take it
    bed.proxy.resume();
    await eventually(async () => (await reportsOf(bed, id, 'claim')).length > 0, {
      what: 'the claim',
    });
    await bed.runner.kill('SIGKILL');
    await bed.hub.kill('SIGCONT');
    expect(await bed.untilRunning(id)).toMatchObject({ attempt: 1 });
    await bed.runner.restart();
    await bed.untilSaid(id, 'running');
    expect(await bed.read(id)).toMatchObject({ status: 'running', attempt: 2 });
    await release(bed);
    expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await startsIn(bed)).toEqual([id]);
    expect(await historyOf(bed, id)).toEqual(['created', 'started', 'started', 'ended']);
  });

  it('in the middle of an action leaves no process behind and never runs it again, unless it is idempotent', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({
        once: waiting(directory),
        again: waiting(directory, { idempotent: true }),
      }),
    });
    const once = await bed.create('once');
    const again = await bed.create('again');
    await Promise.all([once, again].map((id) => bed.untilSaid(id, 'running')));
    const left = await processesOfTask(once);
    const leftAgain = await processesOfTask(again);
    expect(left.length).toBeGreaterThan(0);
    await bed.runner.kill('SIGKILL');
    expect(await processesOfTask(once)).toEqual(expect.arrayContaining([left[0]]));

    await bed.runner.restart();
    expect(await bed.untilEnded(once)).toMatchObject({
      status: 'failed',
      error: RESTARTED,
      result: null,
      attempt: 1,
    });
    expect(await processesOfTask(once)).toEqual([]);
    await eventually(async () => (await startsOf(bed, again)) === 2, {
      what: 'the second run of the idempotent one',
    });
    const now = await processesOfTask(again);
    expect(now.filter((pid) => leftAgain.includes(pid))).toEqual([]);
    await release(bed);
    expect(await bed.untilEnded(again)).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await startsOf(bed, once)).toBe(1);
    expect(await startsOf(bed, again)).toBe(2);
    expect(await historyOf(bed, once)).toEqual(['created', 'started', 'ended']);
  });

  it('between two attempts and in one never exceeds the attempts of the action', async () => {
    const script = `echo "$BOONER_TASK_ID" >> "$1/starts"
      [ "$(wc -l < "$1/starts")" != 2 ] || { echo running; sleep 600; }
      echo broken >&2; exit 3`;
    const retry = { attempts: 3, backoff: '1h' };
    await using bed = await startTaskBed({
      actions: (directory) => ({ flaky: { ...shell(script, directory), idempotent: true, retry } }),
    });
    const id = await bed.create('flaky');
    const killAndRestart = async () => {
      await bed.runner.kill('SIGKILL');
      await bed.runner.restart();
    };
    await bed.until(id, 'the wait', ({ message }) => message?.startsWith('attempt 1 of 3') === true);
    await killAndRestart();
    await bed.untilSaid(id, 'running');
    expect(await bed.read(id)).toMatchObject({ status: 'running', attempt: 2, maxAttempts: 3 });
    await killAndRestart();
    const ended = { status: 'failed', attempt: 3, error: 'broken', result: { exitCode: 3 } };
    expect(await bed.untilEnded(id)).toMatchObject(ended);
    expect(await startsIn(bed)).toEqual([id, id, id]);
    expect(await processesOfTask(id)).toEqual([]);
  });

  it(`at ${KILLS} arbitrary moments around the start of tasks runs each of them at most once`, async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({
        quick: {
          ...shell('echo "$BOONER_TASK_ID" >> "$1/starts"; echo said', directory),
          concurrency: TASKS_A_KILL,
        },
      }),
    });
    const ids: string[] = [];
    for (let kill = 0; kill < KILLS; kill += 1) {
      const made = Array.from({ length: TASKS_A_KILL }, () => bed.create('quick'));
      await wait((KILL_WITHIN_MS * kill) / KILLS);
      await bed.runner.kill('SIGKILL');
      ids.push(...(await Promise.all(made)));
      await bed.runner.restart();
      await bed.untilOffered(['quick']);
    }
    const tasks = await Promise.all(ids.map((id) => bed.untilEnded(id)));
    const starts = await startsIn(bed);
    for (const { id, status, error } of tasks) {
      const count = starts.filter((start) => start === id).length;
      if (status === 'completed') expect({ id, count }).toEqual({ id, count: 1 });
      else
        expect({ status, error, isRunTwice: count > 1 }).toEqual({
          status: 'failed',
          error: RESTARTED,
          isRunTwice: false,
        });
      expect((await bed.events(id)).filter(({ kind }) => kind === 'ended')).toHaveLength(1);
    }
  });
});
