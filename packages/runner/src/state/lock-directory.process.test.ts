import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, startProcess } from '@booner/testkit';
import { describe, expect, it, onTestFinished } from 'vitest';
import { lockDirectory } from './lock-directory.ts';

async function directoryOf() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-lock-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** A process that takes the lock, says so, and keeps it. */
const holderOf = (directory: string) =>
  startProcess({
    command: process.execPath,
    args: [
      '--input-type=module',
      '-e',
      `const { lockDirectory } = await import(${JSON.stringify(join(import.meta.dirname, 'lock-directory.ts'))});
       await lockDirectory(${JSON.stringify(directory)}).then(() => console.log('locked'), (error) => console.log(error.code));
       setInterval(() => {}, 1000);`,
    ],
  });

const said = (holder: { readonly lines: { readonly stdout: readonly string[] } }) =>
  eventually(() => holder.lines.stdout[0], { what: 'a word of the holder' });

describe('the lock of a directory', () => {
  it('keeps others out for as long as its process runs', async () => {
    const directory = await directoryOf();
    await using holder = await holderOf(directory);
    expect(await said(holder)).toBe('locked');
    await expect(lockDirectory(directory)).rejects.toMatchObject({
      code: 'state_locked',
      message: expect.stringContaining(`process ID ${holder.pid}`),
    });
    holder.kill('SIGKILL');
    await holder.exited;
    {
      await using _ = await lockDirectory(directory);
      await expect(lockDirectory(directory)).rejects.toMatchObject({ code: 'state_locked' });
    }
    expect(await readdir(directory)).toEqual([]);
  });

  it('does not match another process with the same ID', async () => {
    const directory = await directoryOf();
    {
      await using _ = await lockDirectory(directory);
      const held = JSON.parse(await readFile(join(directory, 'lock'), 'utf8'));
      await writeFile(join(directory, 'lock'), JSON.stringify({ ...held, startTicks: '1' }));
    }
    await using _ = await lockDirectory(directory);
  });

  it('is taken over if its owner is unreadable', async () => {
    const directory = await directoryOf();
    await writeFile(join(directory, 'lock'), '{');
    await using _ = await lockDirectory(directory);
  });

  it('goes to one of several that take over a stale one at a time', async () => {
    const directory = await directoryOf();
    await writeFile(join(directory, 'lock'), '{"pid":1,"startTicks":"1","bootId":"gone"}');
    await using first = await holderOf(directory);
    await using second = await holderOf(directory);
    await using third = await holderOf(directory);
    expect((await Promise.all([first, second, third].map(said))).sort()).toEqual([
      'locked',
      'state_locked',
      'state_locked',
    ]);
  });
});
