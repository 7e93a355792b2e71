import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { bundleFor } from './bundle-cache.ts';

/** Stands in for Rolldown: copies the source, and fails if there is a syntax error in it. */
const BUNDLER = `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
export async function bundleFromClone({ source, folder }) {
  mkdirSync(folder, { recursive: true });
  const text = readFileSync(source, 'utf8');
  if (text.includes('syntax error')) throw new Error('cannot be parsed');
  writeFileSync(folder + '/program.mjs', text);
}`;

async function makeClone() {
  const root = await mkdtemp(join(tmpdir(), 'booner-clone-'));
  const source = join(root, 'apps/hub/src/command.ts');
  const library = join(root, 'packages/protocol/src/index.ts');
  const cache = join(root, 'node_modules/.cache/booner-hub');
  for (const folder of ['scripts', 'apps/hub/src', 'packages/protocol/src', 'node_modules/.cache/booner-hub'])
    await mkdir(join(root, folder), { recursive: true });
  await writeFile(join(root, 'scripts/bundle-from-clone.mjs'), BUNDLER);
  for (const file of ['package-lock.json', 'scripts/write-bundle.mjs']) await writeFile(join(root, file), '');
  await writeFile(source, 'first');
  await writeFile(library, 'library');
  return {
    source,
    library,
    cache,
    bundle: () => bundleFor({ root, cache, source }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

test('a bundle is built once', async () => {
  await using clone = await makeClone();
  const file = await clone.bundle();
  expect(await readFile(file!, 'utf8')).toBe('first');
  await writeFile(file!, 'not built again');
  expect(await clone.bundle()).toBe(file);
  expect(await readFile(file!, 'utf8')).toBe('not built again');
});

test('a change of the program, of a package or of the lock file builds another one', async () => {
  await using clone = await makeClone();
  const files = [await clone.bundle()];
  await writeFile(clone.source, 'second');
  files.push(await clone.bundle());
  expect(await readFile(files[1]!, 'utf8')).toBe('second');
  await writeFile(clone.library, 'another library');
  files.push(await clone.bundle());
  await writeFile(join(clone.library, '../added.ts'), '');
  files.push(await clone.bundle());
  expect(new Set(files).size).toBe(files.length);
});

test('a new bundle replaces compiled code and outdated bundles', async () => {
  await using clone = await makeClone();
  const first = await clone.bundle();
  await utimes(join(first!, '..'), 0, 0);
  await mkdir(join(clone.cache, 'v24-x64'));
  await writeFile(clone.source, 'second');
  const second = await clone.bundle();
  expect((await readdir(clone.cache)).map((name) => join(clone.cache, name, 'program.mjs'))).toEqual([
    second,
  ]);
});

test('a change of a test builds nothing', async () => {
  await using clone = await makeClone();
  const file = await clone.bundle();
  await writeFile(clone.library.replace('.ts', '.test.ts'), 'test');
  expect(await clone.bundle()).toBe(file);
});

test('several starts at once build one bundle', async () => {
  await using clone = await makeClone();
  const files = await Promise.all([clone.bundle(), clone.bundle(), clone.bundle()]);
  expect(new Set(files).size).toBe(1);
  expect(files[0]).toBeDefined();
});

test('sources that cannot be bundled have no bundle, and leave no files behind', async () => {
  await using clone = await makeClone();
  await writeFile(clone.source, 'syntax error');
  expect(await clone.bundle()).toBeUndefined();
  expect(await readdir(clone.cache)).toEqual([]);
});
