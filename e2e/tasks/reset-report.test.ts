import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { expect, it } from 'vitest';
import { waiting } from './actions.ts';
import { reportsOf } from './bus-view.ts';
import { startTaskBed, type TaskBed } from './task-bed.ts';

/** Delay of the answer to a report, during which the connection is reset. */
const DELAY_MS = 400;

/**
 * Lets a report reach Redis and resets the connection before the runner gets the answer. No hub
 * reads meanwhile.
 * @returns when the report is stored twice
 */
async function resetInTheMiddle(
  bed: TaskBed,
  id: string,
  type: 'claim' | 'end',
  cause: () => Promise<unknown>,
) {
  await bed.hub.kill('SIGSTOP');
  bed.proxy.delay(DELAY_MS);
  await cause();
  await eventually(async () => (await reportsOf(bed, id, type)).length > 0, {
    everyMs: 10,
    what: `the ${type} to arrive`,
  });
  bed.proxy.cut();
  bed.proxy.delay(0);
  const twice = await eventually(
    async () => {
      const reports = await reportsOf(bed, id, type);
      return reports.length >= 2 ? reports : null;
    },
    { what: `the ${type} to arrive once more` },
  );
  expect(twice[1]).toEqual(twice[0]);
  await bed.hub.kill('SIGCONT');
}

it('a claim and an end that arrive twice, as the connection is reset in the middle, are one transition each', async () => {
  await using bed = await startTaskBed({ actions: (directory) => ({ wait: waiting(directory) }) });
  bed.proxy.pause(); // the offer reaches the runner when the hub has stopped
  const id = await bed.create('wait');
  await resetInTheMiddle(bed, id, 'claim', async () => bed.proxy.resume());
  await bed.untilSaid(id, 'running');
  await resetInTheMiddle(bed, id, 'end', () => writeFile(join(bed.directory, 'go'), ''));
  expect(await bed.untilEnded(id)).toMatchObject({ status: 'completed', attempt: 1, version: 3 });
  await eventually(async () => (await bed.operator.xlen('booner:reports:10.0.0.2')) === 0, {
    what: 'both reports to be applied',
  });
  expect((await bed.events(id)).map(({ kind }) => kind)).toEqual(['created', 'started', 'ended']);
  expect(await bed.operator.xlen('booner:late-reports')).toBe(0); // a repetition is none
  expect(await readFile(join(bed.directory, 'starts'), 'utf8')).toBe(`${id}\n`);
  expect(await bed.operator.xlen('booner:queue:10.0.0.2')).toBe(0);
});
