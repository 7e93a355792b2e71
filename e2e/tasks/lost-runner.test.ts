import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { describe, it } from 'vitest';
import { shell, waiting } from './actions.ts';
import { lateReportsOf } from './hub-reports.ts';
import { processesOfTask } from './process-table.ts';
import { startTaskBed, type TaskBed } from './task-bed.ts';

/** Twice the time after which a runner is lost. */
const LOST_WITHIN_MS = 60_000;
/** A runner that was cut off reconnects, and ends first what it still runs. */
const STARTED_AGAIN_WITHIN_MS = 30_000;

const startsOf = async (bed: TaskBed, id: string) =>
  (await readFile(join(bed.directory, 'starts'), 'utf8'))
    .trim()
    .split('\n')
    .filter((start) => start === id).length;
const release = (bed: TaskBed) => writeFile(join(bed.directory, 'go'), '');
const untilQueued = (bed: TaskBed, id: string) =>
  bed.until(id, 'it to be queued again', ({ status }) => status === 'queued', LOST_WITHIN_MS);
const untilStarts = (bed: TaskBed, id: string, count: number) =>
  eventually(async () => (await startsOf(bed, id)) === count, {
    deadlineMs: STARTED_AGAIN_WITHIN_MS,
    what: `start ${count}`,
  });
const historyOf = async (bed: TaskBed, id: string) =>
  (await bed.events(id))
    .filter(({ kind, status }) => kind !== 'progress' || status === 'queued')
    .map(({ kind, status }) => `${kind} ${status}`);

/** Like {@link waiting}, and notes in `overlaps` if another run of it was active. */
const alone = (directory: string) =>
  shell(
    `mkdir "$1/running" || echo "$BOONER_TASK_ID" >> "$1/overlaps"
     trap 'rmdir "$1/running"; exit 1' TERM
     echo "$BOONER_TASK_ID" >> "$1/starts"; echo running
     while [ ! -e "$1/go" ]; do sleep 0.05; done
     rmdir "$1/running"; echo done`,
    directory,
  );

// All at once: most of the time they wait until a runner is lost.
describe.concurrent('an idempotent action whose runner is lost', () => {
  it('waits for its killed runner, and is run again when that has restarted', async ({ expect }) => {
    await using bed = await startTaskBed({
      hubs: 2,
      actions: (directory) => ({ again: waiting(directory, { idempotent: true }) }),
    });
    const id = await bed.create('again');
    await bed.untilSaid(id, 'running');
    const left = await processesOfTask(id);
    await bed.runner.kill('SIGKILL');
    expect(await untilQueued(bed, id)).toMatchObject({ attempt: 1, startedAtMs: null, error: null });
    expect(await processesOfTask(id)).toEqual(expect.arrayContaining([left[0]]));

    await bed.runner.restart();
    await untilStarts(bed, id, 2);
    expect((await processesOfTask(id)).filter((pid) => left.includes(pid))).toEqual([]);
    await release(bed);
    expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2, error: null });
    expect(await startsOf(bed, id)).toBe(2);
    expect(await historyOf(bed, id)).toEqual([
      'created queued',
      'started running',
      'progress queued',
      'started running',
      'ended completed',
    ]);
  });

  it('can be cancelled while it waits, and is not run again', async ({ expect }) => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ again: waiting(directory, { idempotent: true }) }),
    });
    const id = await bed.create('again');
    await bed.untilSaid(id, 'running');
    await bed.runner.kill('SIGKILL');
    await untilQueued(bed, id);
    expect((await bed.cancel(id)).status).toBe(202);
    expect(await bed.read(id)).toMatchObject({ status: 'cancelled', attempt: 1 });
    await bed.runner.restart();
    await bed.untilOffered(['again']);
    await release(bed);
    const next = await bed.create('again');
    expect(await bed.untilEnded(next)).toMatchObject({ status: 'completed' });
    expect(await processesOfTask(id)).toEqual([]);
    expect(await startsOf(bed, id)).toBe(1);
  });

  it('is ended first by a runner that was cut off and still runs it, and never runs twice at once', async ({
    expect,
  }) => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ again: { ...alone(directory), idempotent: true } }),
    });
    const id = await bed.create('again');
    await bed.untilSaid(id, 'running');
    const left = await processesOfTask(id);
    bed.proxy.pause();
    await untilQueued(bed, id);
    expect((await processesOfTask(id)).filter((pid) => left.includes(pid))).not.toEqual([]);
    bed.proxy.resume();
    await untilStarts(bed, id, 2);
    await release(bed);
    expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 2 });
    expect(await startsOf(bed, id)).toBe(2);
    await rm(join(bed.directory, 'overlaps')).then(
      () => expect.unreachable('two runs at once'),
      (error: NodeJS.ErrnoException) => expect(error.code).toBe('ENOENT'),
    );
  });

  it('is not run again when it ended while its runner was cut off', async ({ expect }) => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ again: waiting(directory, { idempotent: true }) }),
    });
    const id = await bed.create('again');
    await bed.untilSaid(id, 'running');
    bed.proxy.pause();
    await release(bed);
    await eventually(async () => (await processesOfTask(id)).length === 0, {
      what: 'a task to end out of sight',
    });
    await untilQueued(bed, id);
    bed.proxy.resume();
    expect(await bed.untilEnded(id)).toMatchObject({
      status: 'completed',
      attempt: 2,
      result: { details: 'done' },
    });
    expect(await startsOf(bed, id)).toBe(1);
    expect((await lateReportsOf(bed.operator, id)).some(({ type }) => type === 'end')).toBe(true);
  });

  it('is not run a fourth time, and its error says how often it was', async ({ expect }) => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ again: waiting(directory, { idempotent: true }) }),
    });
    const id = await bed.create('again');
    for (const start of [1, 2, 3]) {
      await untilStarts(bed, id, start);
      await bed.runner.kill('SIGKILL');
      await bed.runner.restart();
    }
    expect(await bed.untilEnded(id)).toMatchObject({
      status: 'failed',
      error: 'runner restarted while the task ran (attempt 3 of 3)',
      attempt: 3,
    });
    await eventually(async () => (await processesOfTask(id)).length === 0, {
      what: 'the end of what was left running',
    });
    expect(await startsOf(bed, id)).toBe(3);
  });
});
