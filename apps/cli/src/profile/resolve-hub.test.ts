import { chmod, mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import './config-schema.ts'; // loads it here, not in the first test that reads a file
import { configPath, readConfigFile, writeConfigFile } from './config-file.ts';
import { parseUrl, resolveHub } from './resolve-hub.ts';

let directory: string;
let env: Record<string, string>;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-config-'));
  env = { XDG_CONFIG_HOME: directory };
  await writeConfigFile(configPath(env), {
    current: 'work',
    profiles: {
      work: { hub: 'https://status.example.org', token: 'bnr_work', caFile: '/ca.pem' },
      home: { hub: 'http://10.0.0.1:8000', token: 'bnr_home' },
    },
  });
});
afterEach(() => rm(directory, { recursive: true, force: true }));

describe('resolving the hub', () => {
  it('uses the current profile, a named profile, or an explicit URL', async () => {
    expect(await resolveHub({}, env)).toMatchObject({
      url: 'https://status.example.org',
      urlFrom: 'profile "work"',
    });
    expect(await resolveHub({ profile: 'home' }, env)).toMatchObject({ url: 'http://10.0.0.1:8000' });
    expect(await resolveHub({}, { ...env, BOONER_PROFILE: 'home' })).toMatchObject({ profile: 'home' });
    const byName = await resolveHub({ hub: 'http://h' }, { ...env, BOONER_HUB: 'http://other' });
    expect(byName).toMatchObject({ url: 'http://h', urlFrom: '--hub' });
    expect(await resolveHub({}, {})).toMatchObject({ url: 'http://localhost:8000', urlFrom: 'the default' });
  });

  it('uses the token of its own profile, and never that of another one', async () => {
    const token = async (hub: string) => (await resolveHub({ hub }, env)).token?.reveal() ?? null;
    expect(await token('10.0.0.1:8000')).toBe('bnr_home');
    expect(await token('http://10.0.0.1:8000/')).toBe('bnr_home');
    expect(await token('http://10.0.0.1:8001')).toBeNull();
    expect(await token('http://status.example.org')).toBeNull(); // not the same without TLS
    const given = await resolveHub({ hub: 'http://h' }, { ...env, BOONER_TOKEN: 'bnr_given\n' });
    expect(given.token?.reveal()).toBe('bnr_given');
    expect(JSON.stringify(given)).not.toContain('bnr_given');
  });

  it.each(['ftp://h', 'http://', 'http://user:secret@h', 'h h'])('rejects %s', (url) => {
    expect(() => parseUrl(url)).toThrow(expect.objectContaining({ exitCode: 2 }));
    expect(() => parseUrl(url)).not.toThrow(/secret@/);
  });
});

describe('the file with the profiles', () => {
  it('is readable by its owner only, and refused otherwise', async () => {
    const path = configPath(env);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    await chmod(path, 0o644);
    await expect(readConfigFile(path)).rejects.toMatchObject({
      exitCode: 2,
      hint: `run \`chmod 600 ${path}\``,
    });
    await writeConfigFile(path, await readConfigFile('/nowhere'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });
});
