import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { waiting } from './actions.ts';
import { processesOfTask } from './process-table.ts';
import { HOST, send, startTaskBed, type TaskBed } from './task-bed.ts';

const TASKS = 4;
/**
 * A conflict's mark and the presence of a runner that is gone expire after 15 s; both are checked
 * every 5 s.
 */
const FORGOTTEN_MS = 30_000;

const startsIn = async (bed: TaskBed): Promise<readonly string[]> =>
  (await readFile(join(bed.directory, 'starts'), 'utf8')).trim().split('\n');
const release = (bed: TaskBed) => writeFile(join(bed.directory, 'go'), '');

describe.concurrent('the identity of a runner', () => {
  it('that is lost with its state while a task runs keeps the next one from running that again, and ends its leftover processes', async () => {
    await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
    const id = await bed.create('wait');
    await bed.untilSaid(id, 'running');
    await bed.runner.kill('SIGKILL');
    await rm(bed.runner.stateDirectory, { recursive: true });
    await bed.runner.restart();
    expect(await bed.untilEnded(id, FORGOTTEN_MS)).toMatchObject({
      status: 'failed',
      error: 'runner restarted while the task ran',
      attempt: 1,
    });
    await eventually(async () => (await processesOfTask(id)).length === 0, {
      what: 'the end of what was left running',
    });
    await release(bed);
    const next = await bed.create('wait');
    expect(await bed.untilEnded(next)).toMatchObject({ status: 'completed' });
    expect(await startsIn(bed)).toEqual([id, next]);
  });

  it('that two runners claim for one host makes the second wait, which it and the hub report, until the first is gone', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ wait: waiting(directory, { concurrency: TASKS }) }),
    });
    const first = bed.runner;
    const second = await bed.addRunner();
    const conflict = async () => (await send(bed.hub, 'GET', `/targets/${HOST}/actions`)).body.conflict;
    await eventually(
      () =>
        second.logs().some(({ msg }) => msg === 'another runner serves this host: waiting for it to stop'),
      {
        what: 'the second to say that it waits',
      },
    );
    await eventually(conflict, { what: 'the hub to show the conflict' });

    const ids = await Promise.all(Array.from({ length: TASKS }, () => bed.create('wait')));
    for (const id of ids) await bed.untilSaid(id, 'running');
    await release(bed);
    for (const id of ids) expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect((await startsIn(bed)).toSorted()).toEqual(ids.toSorted());
    expect(second.logs().filter(({ msg }) => msg === 'task started')).toEqual([]);

    expect(await first.stop()).toEqual({ code: 0, signal: null });
    await bed.untilOffered(['wait']);
    expect(await bed.untilEnded(await bed.create('wait'))).toMatchObject({ status: 'completed', attempt: 1 });
    expect(second.logs().filter(({ msg }) => msg === 'task started')).toHaveLength(1);
    await eventually(async () => (await conflict()) === false, {
      deadlineMs: FORGOTTEN_MS,
      what: 'the end of the conflict',
    });
  });
});
