import { execFileSync } from 'node:child_process';
import { link, mkdir, mkdtemp, rm, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MAX_ARTEFACTS, MAX_ARTEFACTS_BYTES } from '@booner/protocol/limits';
import { expect, it, onTestFinished } from 'vitest';
import { collectArtefacts } from './collect-artefacts.ts';

const uid = process.geteuid?.() ?? -1;

async function runDirectory() {
  const outside = await mkdtemp(join(tmpdir(), 'booner-artefacts-'));
  onTestFinished(() => rm(outside, { recursive: true }));
  const directory = join(outside, 'run');
  await mkdir(directory);
  const collect = async (patterns: readonly string[], secrets: readonly string[] = [], owner = uid) => {
    const { files, missing } = await collectArtefacts(directory, { patterns, uid: owner, secrets });
    return { files: files.map(({ name }) => name), missing, contents: files.map(({ content }) => content) };
  };
  return { outside, directory, collect };
}

it('reads the files that patterns name, each once', async () => {
  const { directory, collect } = await runDirectory();
  await mkdir(join(directory, 'out/deep'), { recursive: true });
  for (const name of [
    'report.json',
    'out/a.log',
    'out/b.log',
    'out/c.txt',
    'out/.hidden.log',
    'out/deep/d.log',
  ])
    await writeFile(join(directory, name), `in ${name}`);
  await writeFile(join(directory, 'empty'), '');
  const found = await collect([
    'report.json',
    'out/*.log',
    'out/a*',
    '*/deep/*',
    'empty',
    'none',
    'no/*.log',
  ]);
  expect(found.files).toEqual(['report.json', 'out/a.log', 'out/b.log', 'out/deep/d.log', 'empty']);
  expect(found.contents.map(String)).toContain('in out/deep/d.log');
  expect(found.missing).toEqual([
    { name: 'none', reason: 'there is no such file' },
    { name: 'no/*.log', reason: 'there is no such file' },
  ]);
});

it('follows no link, and reads nothing but regular files of the account alone', async () => {
  const { outside, directory, collect } = await runDirectory();
  await mkdir(join(outside, 'secret'));
  await writeFile(join(outside, 'secret/key'), 'hunter2');
  await symlink(join(outside, 'secret/key'), join(directory, 'link'));
  await symlink(join(outside, 'secret'), join(directory, 'folder'));
  await link(join(outside, 'secret/key'), join(directory, 'hard'));
  await mkdir(join(directory, 'dir'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  const patterns = ['link', 'folder/key', 'folder/*', 'hard', 'dir', 'pipe', '*'];
  const { files, missing } = await collect(patterns);
  expect(files).toEqual([]);
  expect(Object.fromEntries(missing.map(({ name, reason }) => [name, reason]))).toMatchObject({
    ...{
      link: 'it is not a regular file',
      dir: 'it is not a regular file',
      pipe: 'it is not a regular file',
    },
    ...{ 'folder/key': 'there is no such file', hard: "it is not the process's own file" },
  });
  await writeFile(join(directory, 'mine'), '');
  expect((await collect(['mine'], [], uid + 1)).missing).toEqual([
    { name: 'mine', reason: "it is not the process's own file" },
  ]);
});

it('leaves out what is too much, what contains a secret, and strange names, and says so', async () => {
  const { directory, collect } = await runDirectory();
  await writeFile(join(directory, 'a'), 'x');
  await writeFile(join(directory, 'large'), '');
  await truncate(join(directory, 'large'), MAX_ARTEFACTS_BYTES);
  await writeFile(join(directory, 'leak'), 'the key is hunter2!');
  await writeFile(join(directory, 'x\n<script>'), '');
  await writeFile(join(directory, 'xhunter2'), '');
  const { files, missing } = await collect(['a', 'large', 'leak', 'x*'], ['hunter2']);
  expect(files).toEqual(['a']);
  expect(missing).toEqual([
    { name: 'large', reason: 'all artefacts together would have more than 10 MiB' },
    { name: 'leak', reason: 'it contains a secret' },
    { name: 'x??script?', reason: 'its name is not allowed' },
    { name: '[redacted]', reason: 'its name contains a secret' },
  ]);
  await mkdir(join(directory, 'many'));
  for (let index = 0; index <= MAX_ARTEFACTS; index += 1)
    await writeFile(join(directory, `many/${index}`), '');
  const many = await collect(['many/*']);
  expect(many.files).toHaveLength(MAX_ARTEFACTS);
  expect(many.missing[0]?.reason).toBe(`there are more than ${MAX_ARTEFACTS} artefacts`);
});
