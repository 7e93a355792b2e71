import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { boonerFor } from '../cli/booner.ts';
import { shell } from './actions.ts';
import { startTaskBed } from './task-bed.ts';

const sha256 = (content: Buffer) => createHash('sha256').update(content).digest('hex');

it('artefacts of a task are copied by every hub, leave Redis, and are downloaded as they were', async () => {
  const script =
    'cd "$BOONER_RUN_DIR"; mkdir out; ln -s /etc/passwd out/link; head -c 3000000 /dev/urandom > out/dump; echo "{}" > report.json; exit 2';
  await using bed = await startTaskBed({
    hubs: 2,
    actions: () => ({ build: { ...shell(script), artefacts: ['report.json', 'out/*', 'none'] } }),
  });
  const id = await bed.create('build');
  const { status, artefacts } = await bed.untilEnded(id);
  expect(status).toBe('failed');
  expect(artefacts?.files.map(({ name, bytes }) => [name, bytes])).toEqual([
    ['report.json', 3],
    ['out/dump', 3_000_000],
  ]);
  expect(artefacts?.missing).toEqual([
    { name: 'out/link', reason: 'it is not a regular file' },
    { name: 'none', reason: 'there is no such file' },
  ]);
  await eventually(async () => (await bed.operator.keys('booner:artefact*')).length === 0, {
    what: 'both hubs to have taken them',
  });
  for (const hub of bed.hubs) {
    const answer = await hub.get(`/tasks/${id}/artefacts/out%2Fdump`);
    expect(answer.headers.get('content-disposition')).toBe('attachment; filename="dump"');
    expect(sha256(Buffer.from(await answer.arrayBuffer()))).toBe(artefacts?.files[1]?.sha256);
  }
  const folder = await mkdtemp(join(tmpdir(), 'booner-saved-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await using booner = await boonerFor(bed.hub.url);
  const listed = await booner.run(['artefacts', id]);
  expect(listed.stdout).toMatch(
    /^ARTEFACT .*\nreport\.json .*\nout\/dump .*\nout\/link +not kept +it is not/,
  );
  expect(await booner.json(['artefacts', id, '--output', folder])).toEqual({
    saved: [join(folder, 'report.json'), join(folder, 'out/dump')],
  });
  expect(await readdir(folder, { recursive: true })).toHaveLength(3);
  expect(sha256(await readFile(join(folder, 'out/dump')))).toBe(artefacts?.files[1]?.sha256);
  expect(await booner.run(['artefacts', id, 'none', '--output', folder])).toMatchObject({ code: 5 });
});
