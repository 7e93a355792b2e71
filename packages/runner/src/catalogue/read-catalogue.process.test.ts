import { chmod, chown, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startProcess } from '@booner/testkit';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readCatalogue } from './read-catalogue.ts';

const isRoot = process.geteuid?.() === 0;
const NOBODY = 65534;
let folder: string;

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'booner-actions-')), 'actions.d');
  await mkdir(folder, { mode: 0o755 });
});
afterEach(() => rm(join(folder, '..'), { recursive: true }));

const actionText = (name: string) => `name: ${name}\ncommand: ["true"]\n`;

async function put(file: string, text = actionText(file.replace('.yaml', ''))): Promise<string> {
  const path = join(folder, file);
  await writeFile(path, text, { mode: 0o644 });
  return path;
}

async function read(options?: { trusted?: boolean }) {
  const { actions, refused } = await readCatalogue(folder, options);
  return { names: [...actions.keys()], refused };
}

it('serves the valid files of a folder and refuses the others with name and line', async () => {
  const good = await put('good.yaml');
  const bad = await put('bad.yaml', 'name: bad\ncommand: [x]\ntimeout: 3\n');
  const old = await put('old.yml');
  await put('README.md', 'text');
  await put('.hidden.yaml', 'text');
  const { actions, refused } = await readCatalogue(folder);
  expect([...actions.values()]).toMatchObject([{ name: 'good', file: good }]);
  expect(refused).toEqual([
    { file: bad, line: 3, reason: 'timeout: unknown key' },
    { file: old, line: null, reason: 'only *.yaml files are read; rename it' },
  ]);
});

it('serves neither of two files with one name, and names both', async () => {
  const a = await put('a.yaml', `# first\n${actionText('same')}`);
  const b = await put('b.yaml', actionText('same'));
  await put('c.yaml');
  expect(await read()).toEqual({
    names: ['c'],
    refused: [
      { file: a, line: 2, reason: `name: "same" is also the name in ${b}` },
      { file: b, line: 1, reason: `name: "same" is also the name in ${a}` },
    ],
  });
});

it.each([0o666, 0o664, 0o646])(
  'refuses a file of mode %o, serves the others, and says how to fix it',
  async (mode) => {
    const path = await put('open.yaml');
    await chmod(path, mode);
    await put('good.yaml');
    const { names, refused } = await read();
    expect(names).toEqual(['good']);
    expect(refused).toMatchObject([{ file: path, line: null }]);
    expect(refused[0]?.reason).toContain(`fix it with: chmod go-w ${path}`);
  },
);

it.each([0o777, 0o775, 0o1777])('serves nothing of a folder of mode %o', async (mode) => {
  await put('good.yaml');
  await chmod(folder, mode);
  const { names, refused } = await read();
  expect(names).toEqual([]);
  expect(refused).toMatchObject([{ file: folder, reason: expect.stringContaining(`chmod go-w ${folder}`) }]);
});

it('serves nothing from a folder inside one that others can write', async () => {
  await put('good.yaml');
  await chmod(join(folder, '..'), 0o777);
  expect((await read()).names).toEqual([]);
  expect((await read({ trusted: true })).names).toEqual(['good']);
});

it.skipIf(!isRoot)('refuses a file and a folder of another user', async () => {
  const path = await put('theirs.yaml');
  await put('good.yaml');
  await chown(path, NOBODY, 0);
  expect(await read()).toMatchObject({
    names: ['good'],
    refused: [{ file: path, reason: expect.stringContaining(`belongs to user ${NOBODY}`) }],
  });
  await chown(folder, NOBODY, 0);
  expect(await read()).toMatchObject({ names: [], refused: [{ file: folder }] });
});

it('checks the file behind a symbolic link, and the folder where that is', async () => {
  const elsewhere = join(folder, '../elsewhere');
  await mkdir(elsewhere);
  await writeFile(join(elsewhere, 'x'), actionText('linked'), { mode: 0o644 });
  await symlink('../elsewhere/x', join(folder, 'linked.yaml'));
  expect(await read()).toEqual({ names: ['linked'], refused: [] });
  await chmod(elsewhere, 0o777);
  expect(await read()).toMatchObject({
    names: [],
    refused: [{ reason: expect.stringContaining('elsewhere') }],
  });
});

it('refuses a folder, a pipe, a broken link, 65 KiB, and invalid UTF-8', async () => {
  await mkdir(join(folder, 'a.yaml'));
  await using mkfifo = await startProcess({ command: 'mkfifo', args: [join(folder, 'b.yaml')] });
  await mkfifo.exited;
  await symlink('nowhere', join(folder, 'c.yaml'));
  await put('d.yaml', `${actionText('d')}#${'x'.repeat(65 * 1024)}`);
  await writeFile(join(folder, 'e.yaml'), Buffer.from([0x61, 0xff]));
  expect((await read()).refused.map(({ reason }) => reason)).toEqual([
    'is not a regular file',
    'is not a regular file',
    'does not exist',
    'is larger than 64 KiB',
    'is not valid UTF-8',
  ]);
});

it('refuses an action for an unknown user', async () => {
  await put('a.yaml', `${actionText('a')}user: no-such-user\n`);
  expect((await read()).refused).toMatchObject([
    { line: 3, reason: expect.stringMatching(/^user: (user no-such-user does not exist|only root)/) },
  ]);
});

it('reports a folder that does not exist or is not a folder', async () => {
  expect((await readCatalogue(join(folder, 'x'))).refused).toMatchObject([{ reason: 'does not exist' }]);
  const file = await put('good.yaml');
  expect((await readCatalogue(file)).refused).toMatchObject([{ file, reason: 'is not a folder' }]);
});
