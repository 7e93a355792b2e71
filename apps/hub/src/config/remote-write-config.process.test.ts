import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { type HubConfig, readHubConfig } from './config.ts';

const URL_SETTING = { BOONER_REMOTE_WRITE_URL: 'https://store.example.org/api/v1/write' };
const read = (env: Record<string, string>) => (readHubConfig({ env, argv: [] }) as HubConfig).remoteWrite;

async function secretFileOf(secret: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'booner-config-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const file = join(folder, 'secret');
  await writeFile(file, `${secret}\n`);
  return file;
}

it('remote write has its credentials in files, and they are not printed', async () => {
  const file = await secretFileOf('pa:ss');
  expect(read({})).toBeNull();
  expect(read(URL_SETTING)).toMatchObject({ authorization: null, maxQueueBytes: 2 ** 32 });
  const user = { BOONER_REMOTE_WRITE_USERNAME: 'me', BOONER_REMOTE_WRITE_PASSWORD_FILE: file };
  const basic = read({ ...URL_SETTING, ...user });
  expect(basic?.authorization?.reveal()).toBe(`Basic ${btoa('me:pa:ss')}`);
  const bearer = read({ ...URL_SETTING, BOONER_REMOTE_WRITE_TOKEN_FILE: file });
  expect(bearer?.authorization?.reveal()).toBe('Bearer pa:ss');
  expect(JSON.stringify([basic, bearer])).not.toMatch(/pa:ss|bWU6/);
});

it.each([
  [
    { BOONER_REMOTE_WRITE_URL: 'https://me:secret@store.example.org/' },
    /must not contain a user or a password/,
  ],
  [{ BOONER_REMOTE_WRITE_URL: 'ftp://store.example.org/' }, /must be a URL that takes remote write/],
  [{ ...URL_SETTING, BOONER_REMOTE_WRITE_USERNAME: 'me' }, /PASSWORD_FILE: is required/],
  [{ BOONER_REMOTE_WRITE_USERNAME: 'me' }, /is required|is missing/],
])('remote write rejects %o', (env, issue) => {
  expect(() => read(env as Record<string, string>)).toThrow(issue);
  expect(() => read(env as Record<string, string>)).not.toThrow(/secret@/);
});
