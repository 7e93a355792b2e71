import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { JsonObject, Task } from '@booner/protocol';
import { parseYaml } from '@booner/service/yaml-lines';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startTestHost, type TestHost } from '../testing/test-host.ts';

const PRODUCTION = new URL('../../../../examples/actions.d/production/', import.meta.url);
const run = promisify(execFile);

/**
 * Reads a shipped file and sets it up for a folder, as its head comment asks, but without the
 * account: the tests need no root.
 */
function shipped(name: string, cwd: string, env: Readonly<Record<string, string>>): object {
  const yaml = parseYaml(readFileSync(new URL(`${name}.yaml`, PRODUCTION), 'utf8'));
  if (!yaml.ok) throw new Error(JSON.stringify(yaml.issues));
  const { name: _, user, ...action } = yaml.yaml.value as Record<string, unknown>;
  return { ...action, cwd, env: { ...(action.env as object), ...env } };
}

let stack: AsyncDisposableStack;
let host: TestHost;
let web: string;
let games: string;
let backups: string;

/** Runs an action to its end. */
async function perform(action: string, params: JsonObject = {}, { check = false } = {}): Promise<Task> {
  return host.untilEnded(await host.create(action, params, { check }));
}
const textOf = async ({ id }: Task) => (await host.logOf(id)).map(({ text }) => text).join('\n');
const deployed = async () => (await readFile(join(web, 'current/VERSION'), 'utf8')).trim();
const releases = async () =>
  (await readdir(join(web, 'releases'))).map((name) => name.replace(/^[^-]*-/, ''));

beforeAll(async () => {
  stack = new AsyncDisposableStack();
  const folder = await mkdtemp(join(tmpdir(), 'booner-shipped-'));
  stack.defer(() => rm(folder, { recursive: true }));
  web = join(folder, 'web');
  games = join(folder, 'game');
  backups = join(folder, 'backup');
  for (const path of [web, join(games, 'chess/data'), backups]) await mkdir(path, { recursive: true });
  const repository = join(folder, 'web.git');
  await makeRepository(repository);
  // A site of static files, except for a release with the file `broken`.
  const server = createServer((_request, response) => {
    if (existsSync(join(web, 'current/broken'))) response.writeHead(500).end();
    else response.end(readFileSync(join(web, 'current/VERSION')));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  stack.defer(() => void server.close());
  const settings = {
    WEB_REPOSITORY: repository,
    WEB_HEALTH_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/version`,
    WEB_HEALTH_TRIES: '1',
    BACKUP_FOLDER: backups,
  };
  host = stack.use(
    await startTestHost({
      actions: () => ({
        'web.deploy': shipped('web.deploy', web, settings),
        'web.rollback': shipped('web.rollback', web, settings),
        'game.backup': shipped('game.backup', games, settings),
      }),
    }),
  );
});
afterAll(() => stack?.disposeAsync());

/** Tags v1, v2 and v3 build a page; `v2-broken` is never healthy, `v2-unbuilt` does not build. */
async function makeRepository(path: string): Promise<void> {
  await mkdir(path);
  const git = (...args: string[]) => run('git', ['-C', path, ...args]);
  await git('init', '--quiet', '--initial-branch=main');
  for (const version of ['v1', 'v2-broken', 'v2-unbuilt', 'v2', 'v3']) {
    const broken = version === 'v2-broken' ? 'touch broken' : '';
    const script = `#!/bin/sh\necho "${version}" > page\n${broken}\n${version === 'v2-unbuilt' ? 'exit 3' : ''}\n`;
    await writeFile(join(path, 'build'), script, { mode: 0o755 });
    await git('add', '.');
    const author = ['-c', 'user.name=Test', '-c', 'user.email=test@example.org'];
    await git(...author, 'commit', '--quiet', '--message', `version ${version}`);
    await git('tag', version);
  }
}

describe('web.deploy and web.rollback', () => {
  it('say what they would do, and change nothing', async () => {
    const check = await perform('web.deploy', { version: 'v1' }, { check: true });
    expect(check).toMatchObject({ status: 'completed' });
    expect(await textOf(check)).toContain('would switch from nothing to v1');
    expect(await perform('web.deploy', { version: 'v9' }, { check: true })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('there is no tag v9'),
    });
    expect(await readdir(web)).toEqual([]);
  });

  it('leave nothing of a first release that is not healthy', async () => {
    const task = await perform('web.deploy', { version: 'v2-broken' });
    expect(task).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^step health: .*did not report v2-broken in 1 tries/),
    });
    expect((await readdir(web)).sort()).toEqual(['deployed', 'releases']);
    expect(await readdir(join(web, 'releases'))).toEqual([]);
  });

  it('build a tag and switch to it', async () => {
    const task = await perform('web.deploy', { version: 'v1' });
    expect(task).toMatchObject({ status: 'completed', result: { version: 'v1' } });
    expect(await readFile(join(web, 'current/page'), 'utf8')).toBe('v1\n');
    expect(await readFile(join(web, 'deployed'), 'utf8')).toBe(`${await readlink(join(web, 'current'))}\n`);
    expect(existsSync(join(web, 'current/.git'))).toBe(false);
  });

  it.each(['v2-unbuilt', 'v2-broken'])('keep the former release if %s fails', async (version) => {
    const task = await perform('web.deploy', { version });
    expect(task).toMatchObject({ status: 'failed' });
    expect(await deployed()).toBe('v1');
    expect(await releases()).toEqual(['v1']);
    expect((await readdir(web)).sort()).toEqual(['current', 'deployed', 'releases']);
  });

  it('refuse to roll back a first release', async () => {
    expect(await perform('web.rollback', { from: 'v1' })).toMatchObject({
      status: 'failed',
      error: expect.stringContaining('there is no release before v1'),
    });
    expect(await deployed()).toBe('v1');
  });

  it('go back to the former version, once, although the newer one was deployed twice', async () => {
    await perform('web.deploy', { version: 'v2' });
    expect(await perform('web.deploy', { version: 'v2' })).toMatchObject({ status: 'completed' });
    const check = await perform('web.rollback', { from: 'v2' }, { check: true });
    expect(await textOf(check)).toContain('would switch from v2 to v1');
    expect(await deployed()).toBe('v2');
    expect(await perform('web.rollback', { from: 'v2' })).toMatchObject({
      status: 'completed',
      result: { version: 'v1' },
    });
    expect(await deployed()).toBe('v1');
    const again = await perform('web.rollback', { from: 'v2' });
    expect(again).toMatchObject({ status: 'completed', result: { version: 'v1' } });
    expect(await textOf(again)).toContain('nothing to do: v1 is deployed, not v2');
  });

  it('switch forward again if the former release is not healthy any more', async () => {
    await perform('web.deploy', { version: 'v3' });
    await writeFile(join(web, 'previous/broken'), '');
    expect(await perform('web.rollback', { from: 'v3' })).toMatchObject({
      status: 'failed',
      error: expect.stringMatching(/^step health: /),
    });
    expect(await deployed()).toBe('v3');
  });
});

describe('game.backup', () => {
  it('keeps archives that can be restored, and follows no link out of the data', async () => {
    await writeFile(join(games, 'chess/data/save'), 'board');
    await symlink('/etc/passwd', join(games, 'chess/data/link'));
    const first = await perform('game.backup', { game: 'chess' });
    expect(first).toMatchObject({ status: 'completed', result: { files: 3 } });
    const { file } = first.result as { file: string };
    const restored = join(games, 'restored');
    await mkdir(restored);
    await run('tar', ['-xzf', file, '-C', restored]);
    expect(await readFile(join(restored, 'data/save'), 'utf8')).toBe('board');
    expect(await readlink(join(restored, 'data/link'))).toBe('/etc/passwd');
    await run('sha256sum', ['--check', '--status', `${file}.sha256`], { cwd: join(backups, 'chess') });
  });

  it('removes the oldest, and leaves no half archive of a folder that cannot be read', async () => {
    const older = join(backups, 'chess/20200101T000000Z.tar.gz');
    for (const path of [older, `${older}.sha256`]) await writeFile(path, '');
    await perform('game.backup', { game: 'chess', keep: 1 });
    const kept = await readdir(join(backups, 'chess'));
    expect(kept).toHaveLength(2);
    expect(kept).not.toContain('20200101T000000Z.tar.gz');
    expect(await perform('game.backup', { game: 'go' })).toMatchObject({ status: 'failed' });
    expect(await readdir(join(backups, 'go'))).toEqual([]);
  });
});
