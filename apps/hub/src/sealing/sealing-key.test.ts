import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '@booner/service';
import { expect, it, onTestFinished } from 'vitest';
import { sealingKeyOf } from './seal.ts';
import { readSealingKey } from './sealing-key.ts';

async function makeDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-key-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

it('creates a secret at the first start that only the hub can read, and keeps it', async () => {
  const file = join(await makeDirectory(), 'state', 'alert-secret');
  const keys = await Promise.all([1, 2, 3].map(() => readSealingKey({ secret: null, file })));
  const text = await readFile(file, 'utf8');
  expect(Buffer.from(text.trim(), 'base64url')).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  for (const key of [...keys, await readSealingKey({ secret: null, file })]) {
    expect(key).toEqual({ ok: true, key: sealingKeyOf(text.trim()) });
  }
});

it('takes the secret that is configured, and creates none', async () => {
  const file = join(await makeDirectory(), 'alert-secret');
  expect(await readSealingKey({ secret: new Secret('s3cr3t'), file })).toEqual({
    ok: true,
    key: sealingKeyOf('s3cr3t'),
  });
  await expect(stat(file)).rejects.toThrow('ENOENT');
});

it('says what to do if there is no secret and none can be created', async () => {
  const directory = await makeDirectory();
  await writeFile(join(directory, 'file'), '');
  for (const [file, reason] of [
    ['file', /file is empty: write a secret into it, or delete it$/],
    ['file/alert-secret', /\(ENOTDIR\): make its folder writable, or set BOONER_ALERT_SECRET_FILE$/],
    ['folder', /\(EISDIR\)/],
  ] as const) {
    await mkdir(join(directory, 'folder'), { recursive: true });
    expect(await readSealingKey({ secret: null, file: join(directory, file) })).toEqual({
      ok: false,
      reason: expect.stringMatching(reason),
    });
  }
});
