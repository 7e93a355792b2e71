import { chmod, chown } from 'node:fs/promises';
import { eventually, type LogRecord } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { shell } from './actions.ts';
import { HOST, send, startTaskBed, type TaskBed } from './task-bed.ts';

const ANOTHER_USER = 12_345;
const isRoot = process.getuid?.() === 0;

const refusalOf = (bed: TaskBed, file: string): LogRecord | undefined =>
  bed.runner.logs().find((record) => record.msg === 'action refused' && record.file === file);
const offered = async (bed: TaskBed): Promise<readonly string[]> => {
  const { body } = await send(bed.hub, 'GET', `/targets/${HOST}/actions`);
  return (body.actions as { name: string }[]).map(({ name }) => name).sort();
};

/** Waits until the runner refuses a file, and checks the consequences. */
async function expectRefused(bed: TaskBed, file: string, reason: RegExp): Promise<void> {
  const record = await eventually(() => refusalOf(bed, file), {
    what: `a refusal of ${file}`,
  });
  expect(record.reason).toMatch(reason);
  await eventually(async () => (await offered(bed)).join() === 'good', {
    what: 'the offer',
  });
  const { status, body } = await bed.post({ host: HOST, action: 'touched' });
  expect({ status, title: body.title }).toEqual({ status: 404, title: 'No such action' });
  expect(await bed.untilEnded(await bed.create('good'))).toMatchObject({ status: 'completed' });
}

describe.concurrent('a runner refuses by name, and serves the others, when an action file', () => {
  it('can be written by everybody; once that is fixed it is served', async () => {
    await using bed = await startTaskBed({
      actions: () => ({ good: shell('true'), touched: shell('true') }),
    });
    const file = `${bed.actionsDirectory}/touched.yaml`;
    await chmod(file, 0o666);
    await bed.writeAction('other', shell('true')); // a change of the folder, after which all is read again
    await bed.untilOffered(['other']);
    expect(await offered(bed)).toEqual(['good', 'other']);
    await chmod(`${bed.actionsDirectory}/other.yaml`, 0o664);
    await bed.runner.restart();
    await expectRefused(bed, file, /is writable by users other than its owner.*chmod go-w/);
    expect(refusalOf(bed, `${bed.actionsDirectory}/other.yaml`)).toBeDefined();
    await chmod(file, 0o644);
    await bed.untilOffered(['good', 'touched']);
  });

  it.skipIf(!isRoot)("is another user's", async () => {
    await using bed = await startTaskBed({ actions: () => ({ good: shell('true') }) });
    const file = await bed.writeAction('touched', shell('true'));
    await chown(file, ANOTHER_USER, ANOTHER_USER);
    await bed.runner.restart();
    await expectRefused(bed, file, new RegExp(`belongs to user ${ANOTHER_USER}`));
  });

  it('is in a folder that everybody can write: then it serves none', async () => {
    await using bed = await startTaskBed({ actions: () => ({ good: shell('true') }) });
    await chmod(bed.actionsDirectory, 0o777);
    await bed.runner.restart();
    await eventually(() => refusalOf(bed, bed.actionsDirectory), { what: 'the refusal' });
    await eventually(async () => (await offered(bed)).length === 0, { what: 'no offer' });
    expect((await bed.post({ host: HOST, action: 'good' })).status).toBe(404);
  });
});
