import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell, waiting } from './actions.ts';
import { HOST, startTaskBed, type TaskBed } from './task-bed.ts';

const MAX_QUEUED = 25;

/** Notes its start and its end in the file `order`. */
const noted = (directory: string) =>
  shell(
    'echo "begin $BOONER_TASK_ID" >> "$1/order"; sleep 0.2; echo "end $BOONER_TASK_ID" >> "$1/order"',
    directory,
  );

/** The most of these tasks that ran at once, and the order in which they started. */
async function courseOf(bed: TaskBed, ids: readonly string[]) {
  const lines = (await readFile(join(bed.directory, 'order'), 'utf8')).trim().split('\n');
  const begun: string[] = [];
  let [now, most] = [0, 0];
  for (const line of lines) {
    const [what, id] = line.split(' ') as [string, string];
    if (!ids.includes(id)) continue;
    now += what === 'begin' ? 1 : -1;
    most = Math.max(most, now);
    if (what === 'begin') begun.push(id);
  }
  return { most, begun };
}

describe.concurrent('tasks that wait for a place', () => {
  it('of a lock show their position, hold back no others, and run one after the other in order', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({
        first: waiting(directory, { lock: 'disk' }),
        next: { ...noted(directory), lock: 'disk' },
        other: { ...noted(directory), lock: 'disk' },
        free: shell('echo free'),
      }),
    });
    const first = await bed.create('first');
    await bed.untilSaid(first, 'running');
    const waits: string[] = [];
    for (const action of ['next', 'other', 'next']) waits.push(await bed.create(action));
    expect(await bed.untilEnded(await bed.create('free'))).toMatchObject({ status: 'completed' });
    const positions = () =>
      Promise.all([first, ...waits].map(async (id) => (await bed.read(id)).queuePosition));
    await eventually(async () => (await positions()).join() === ',1,2,3', {
      what: 'positions',
    });
    for (const id of waits) expect(await bed.read(id)).toMatchObject({ status: 'queued', attempt: 0 });
    await bed.cancel(waits[1]!);
    await eventually(async () => (await positions()).join() === ',1,,2', {
      what: 'positions again',
    });
    waits.splice(1, 1);

    for (let queued = waits.length; queued < MAX_QUEUED; queued += 1) waits.push(await bed.create('other'));
    const refused = await bed.post({ host: HOST, action: 'other' });
    expect(refused).toMatchObject({ status: 429, body: { errors: [{ pointer: '/host' }] } });

    await writeFile(join(bed.directory, 'go'), '');
    for (const id of waits)
      expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await courseOf(bed, waits)).toEqual({ most: 1, begun: waits });
  });

  it('of their action or of the host run as many at a time as these allow', async () => {
    await using bed = await startTaskBed({
      actions: (directory) => ({
        alone: noted(directory),
        pair: { ...noted(directory), concurrency: 2 },
        many: { ...noted(directory), concurrency: 10 },
      }),
      runnerEnv: { BOONER_CONCURRENCY: '3' },
    });
    const make = (action: string, count: number) =>
      Promise.all(Array.from({ length: count }, () => bed.create(action)));
    const alone = await make('alone', 3);
    const pair = await make('pair', 4);
    const many = await make('many', 6);
    const all = [...alone, ...pair, ...many];
    for (const id of all) expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 1 });
    expect(await courseOf(bed, alone)).toMatchObject({ most: 1 });
    expect(await courseOf(bed, pair)).toMatchObject({ most: 2 });
    expect(await courseOf(bed, all)).toMatchObject({ most: 3, begun: { length: all.length } });
  });
});
