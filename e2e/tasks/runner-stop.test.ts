import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { waiting } from './actions.ts';
import { processesOfTask } from './process-table.ts';
import { startTaskBed } from './task-bed.ts';

const SECOND = '10.0.0.3';

describe.concurrent('a runner that is stopped while a task runs', () => {
  it('ends it as failed with the reason, and exits within 5 s, if the action says so', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({ fail: waiting(directory, { onStop: 'fail' }), waits: waiting(directory) }),
      runnerEnv: { BOONER_CONCURRENCY: '1' },
    });
    const id = await bed.create('fail');
    await bed.untilSaid(id, 'running');
    const queued = await bed.create('waits');
    expect(await bed.runner.stop()).toEqual({ code: 0, signal: null });
    expect(await bed.read(id)).toMatchObject({
      status: 'failed',
      error: 'the runner was stopped',
      attempt: 1,
    });
    expect(await processesOfTask(id)).toEqual([]);
    expect(await bed.operator.exists('booner:runner:10.0.0.2')).toBe(0);
    expect(await bed.read(queued)).toMatchObject({ status: 'queued', attempt: 0 });
    expect(bed.runner.lines.stderr).toEqual([]);

    await bed.runner.restart();
    // What waited was not lost, and what had ended does not run again.
    await bed.untilSaid(queued, 'running');
    expect(await bed.read(id)).toMatchObject({ status: 'failed', attempt: 1 });
  });

  it('lets it finish, takes no other, and then exits, by default', async () => {
    await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
    const second = await bed.addRunner({ hostId: SECOND });
    await bed.untilOffered(['wait'], SECOND);
    const id = await bed.create('wait', {}, SECOND);
    await bed.untilSaid(id, 'running');
    const stopping = second.stop();
    await eventually(() => second.logs().some(({ msg }) => msg.startsWith('stopping')), {
      what: 'the runner to start to stop',
    });
    const late = await bed.create('wait', {}, SECOND);
    expect((await bed.read(id)).status).toBe('running');
    expect(second.hasExited()).toBe(false);
    await writeFile(join(bed.directory, 'go'), '');
    expect(await stopping).toEqual({ code: 0, signal: null });
    expect(await bed.read(id)).toMatchObject({ status: 'completed', result: { details: 'done' } });
    expect(await bed.read(late)).toMatchObject({ status: 'queued', attempt: 0 });
  });
});
