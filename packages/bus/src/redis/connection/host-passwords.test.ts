import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@booner/service/secret';
import { describe, expect, it, onTestFinished } from 'vitest';
import { hashSecret } from '../../secrets.ts';
import { currentPassword, openHostPasswords } from './host-passwords.ts';

const INSTALLED = 'i'.repeat(43);
const OF_ANOTHER_ENROLMENT = 'o'.repeat(43);

async function makeDirectory() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-passwords-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

async function open(directory: string, installed = INSTALLED) {
  const warnings: object[] = [];
  const passwords = await openHostPasswords({
    redis: { password: new Secret(installed) },
    directory,
    logger: { info: () => {}, warn: (fields: object) => void warnings.push(fields) },
  });
  if (passwords === undefined) throw new Error('there are no passwords');
  return { ...passwords, warnings };
}

describe('the passwords of a host', () => {
  it('begin with the installed one, and the offer names the next by its hash', async () => {
    const directory = await makeDirectory();
    const { candidates, offer } = await open(directory);
    const [current = '', next = '', ...others] = candidates();
    expect([current, others]).toEqual([INSTALLED, []]);
    expect(next).toMatch(/^[\w-]{43}$/);
    expect(offer()).toEqual({ current: hashSecret(INSTALLED), next: hashSecret(next) });
    expect((await stat(join(directory, 'redis-password.json'))).mode & 0o777).toBe(0o600);
  });

  it('keep the same next password through a restart', async () => {
    const directory = await makeDirectory();
    const before = (await open(directory)).candidates();
    expect((await open(directory)).candidates()).toEqual(before);
  });

  it('go on to the next one that Redis accepted, and remember the last', async () => {
    const directory = await makeDirectory();
    const first = await open(directory);
    const next = first.candidates()[1] ?? '';
    await first.accepted(next);
    expect(currentPassword(new Secret(INSTALLED), directory).reveal()).toBe(next);
    expect(currentPassword(new Secret('another'), directory).reveal()).toBe('another');
    for (const { candidates, offer } of [first, await open(directory)]) {
      const [current, after = '', previous] = candidates();
      expect([current, previous]).toEqual([next, INSTALLED]);
      expect([next, INSTALLED]).not.toContain(after);
      expect(offer()).toEqual({ current: hashSecret(next), next: hashSecret(after) });
    }
  });

  it('go back when a rotation was undone', async () => {
    const directory = await makeDirectory();
    const { candidates, accepted, offer } = await open(directory);
    const next = candidates()[1] ?? '';
    await accepted(next);
    await accepted(INSTALLED);
    expect(candidates()[0]).toBe(INSTALLED);
    expect(candidates()[2]).toBe(next);
    expect(offer()?.current).toBe(hashSecret(INSTALLED));
  });

  it('stay as they are when Redis accepts the current one', async () => {
    const { candidates, accepted, offer } = await open(await makeDirectory());
    const [before, offered] = [candidates(), offer()];
    await accepted(INSTALLED);
    expect(candidates()).toEqual(before);
    expect(offer()).toBe(offered);
  });

  it('begin anew after another enrolment', async () => {
    const directory = await makeDirectory();
    const first = await open(directory);
    await first.accepted(first.candidates()[1] ?? '');
    const again = await open(directory, OF_ANOTHER_ENROLMENT);
    expect(again.candidates()).toHaveLength(2);
    expect(again.candidates()[0]).toBe(OF_ANOTHER_ENROLMENT);
  });

  it.each(['', '{', 'null', '[]', '{"installed":1}'])(
    'begin anew if the file is damaged: %s',
    async (text) => {
      const directory = await makeDirectory();
      await writeFile(join(directory, 'redis-password.json'), text);
      expect((await open(directory)).candidates()[0]).toBe(INSTALLED);
      expect(await readFile(join(directory, 'redis-password.json'), 'utf8')).toContain(INSTALLED);
    },
  );

  it('offer nothing while the next password cannot be stored', async () => {
    const file = join(await makeDirectory(), 'in-the-way');
    await writeFile(file, '');
    const { candidates, offer, warnings } = await open(join(file, 'state'));
    expect(candidates()[0]).toBe(INSTALLED);
    expect(offer()).toBeNull();
    expect(warnings).toHaveLength(1);
  });

  it('are none without a password, without a folder, and for one that a person chose', async () => {
    const logger = { info: () => {}, warn: () => {} };
    const directory = await makeDirectory();
    expect(await openHostPasswords({ redis: { password: undefined }, directory, logger })).toBeUndefined();
    const redis = { password: new Secret(INSTALLED) };
    expect(await openHostPasswords({ redis, directory: null, logger })).toBeUndefined();
    const chosen = { password: new Secret('hunter2') };
    expect(await openHostPasswords({ redis: chosen, directory, logger })).toBeUndefined();
  });
});
