import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createKernelFiles, shareReading } from './kernel-files.ts';

async function openFolder(): Promise<AsyncDisposable & { path(name: string): string }> {
  const folder = await mkdtemp(join(tmpdir(), 'booner-kernel-files-'));
  return {
    path: (name) => join(folder, name),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  };
}

test('a file is read again each time through the open descriptor, even after it grew or shrank', async () => {
  await using folder = await openFolder();
  using files = createKernelFiles();
  const file = files.file(folder.path('a'));
  for (const text of ['one', 'x'.repeat(100_000), '', 'three']) {
    await writeFile(folder.path('a'), text);
    expect(file.read() === text, `${text.length} characters`).toBe(true);
  }
});

test('a file that cannot be read throws the error of the system, and is read when it is there', async () => {
  await using folder = await openFolder();
  using files = createKernelFiles();
  const file = files.file(folder.path('a'));
  expect(() => file.read()).toThrow('ENOENT');
  await writeFile(folder.path('a'), 'here');
  expect(file.read()).toBe('here');
});

test('names are read as UTF-8 where that is asked for', async () => {
  await using folder = await openFolder();
  using files = createKernelFiles();
  await writeFile(folder.path('a'), '/mnt/größe');
  expect(files.file(folder.path('a'), 'utf8').read()).toBe('/mnt/größe');
});

test('a file without an end is refused', () => {
  using files = createKernelFiles();
  expect(() => files.file('/dev/zero').read()).toThrow('longer than 8388608 bytes');
});

test('a slow file is read off the calling thread', async () => {
  await using folder = await openFolder();
  using files = createKernelFiles();
  const file = files.slowFile(folder.path('temp1_input'));
  await expect(file.read()).rejects.toThrow('ENOENT');
  await writeFile(folder.path('temp1_input'), '45000\n');
  expect(await file.read()).toBe('45000\n');
});

test('nothing is opened after disposal', async () => {
  const files = createKernelFiles();
  files[Symbol.dispose]();
  expect(() => files.file('/dev/null').read()).toThrow('stopped');
  await expect(files.slowFile('/dev/null').read()).rejects.toThrow('stopped');
});

test('sensors of one sample share a reading, and the next sample reads again', async () => {
  await using folder = await openFolder();
  using files = createKernelFiles();
  let nowMs = 0;
  const file = shareReading(files.file(folder.path('a')), () => nowMs);
  expect(() => file.read()).toThrow('ENOENT');
  await writeFile(folder.path('a'), 'first');
  expect(file.read()).toBe('first');
  await writeFile(folder.path('a'), 'second');
  expect(file.read()).toBe('first');
  nowMs = 3000;
  expect(file.read()).toBe('second');
});
