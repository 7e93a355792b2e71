import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createTestApp } from '../testing/test-app.ts';
import { createInstaller } from './installer.ts';
import { packageRoutes } from './package-routes.ts';

const NAME = 'booner-host-1.2.3-linux-x64.tar.gz';

async function startRoutes() {
  const directory = await mkdtemp(join(tmpdir(), 'booner-packages-'));
  onTestFinished(() => rm(directory, { recursive: true }));
  const installer = createInstaller({ packagesDirectory: directory, version: '1.2.3' });
  const routes = packageRoutes({ installer, directory });
  const app = createTestApp({ routes });
  const ask = async (path: string, { headers, ...init }: RequestInit = {}) =>
    app.request(path, { ...init, headers: { host: 'localhost', ...headers } });
  return { directory, ask };
}

async function startWithPackage(content: Buffer) {
  const routes = await startRoutes();
  const sum = createHash('sha256').update(content).digest('hex');
  await writeFile(join(routes.directory, NAME), content);
  await writeFile(join(routes.directory, 'unlisted.tar.gz'), 'x');
  await writeFile(join(routes.directory, 'SHA256SUMS'), `${sum}  ${NAME}\n${sum}  ../secret\n`);
  return { ...routes, sum };
}

it('hands out the installer of its own version if there are no packages', async () => {
  const { ask } = await startRoutes();
  const answer = await ask('/install.sh');
  expect(answer.headers.get('content-type')).toMatch(/^text\/x-shellscript/);
  const script = await answer.text();
  expect(script).toContain("VERSION='1.2.3'");
  expect(script).toMatch(/^#!\/bin\/sh\n/);
  expect(script.trimEnd()).toMatch(/\nmain "\$@"$/);
});

it('hands out the installer of the packages if there is one, and their signature', async () => {
  const { ask, directory } = await startRoutes();
  expect((await ask('/packages/SHA256SUMS.sig')).status).toBe(404);
  await writeFile(join(directory, 'install.sh'), '#!/bin/sh\n');
  const signature = Buffer.from(Array.from({ length: 64 }, (_, index) => index * 4));
  await writeFile(join(directory, 'SHA256SUMS.sig'), signature);
  expect(await (await ask('/install.sh')).text()).toBe('#!/bin/sh\n');
  const answer = await ask('/packages/SHA256SUMS.sig');
  expect(Buffer.from(await answer.arrayBuffer()).equals(signature)).toBe(true);
});

it('streams a package with its length, and says when it is still the same', async () => {
  const content = Buffer.alloc(300_000, 'content');
  const { ask, sum } = await startWithPackage(content);
  const answer = await ask(`/packages/${NAME}`);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'content-length': '300000',
    'content-type': 'application/gzip',
    etag: `"${sum}"`,
  });
  expect(Buffer.from(await answer.arrayBuffer()).equals(content)).toBe(true);
  const again = await ask(`/packages/${NAME}`, { headers: { 'if-none-match': `"${sum}"` } });
  expect(again.status).toBe(304);
  const head = await ask(`/packages/${NAME}`, { method: 'HEAD' });
  expect([head.headers.get('content-length'), await head.text()]).toEqual(['300000', '']);
  expect(await (await ask('/packages/SHA256SUMS')).text()).toContain(`${sum}  ${NAME}\n`);
});

it.each(['unlisted.tar.gz', '..%2fsecret', '../secret', '%2e%2e/secret', '%2fetc%2fpasswd', 'SHA256SUMS%00'])(
  'serves nothing that the sums do not name, nor anything elsewhere: %s',
  async (file) => {
    const { ask } = await startWithPackage(Buffer.from('x'));
    expect((await ask(`/packages/${file}`)).status).toBe(404);
  },
);

it('says how packages are made when there are none', async () => {
  const { ask } = await startRoutes();
  for (const path of ['/packages/SHA256SUMS', `/packages/${NAME}`]) {
    const answer = await ask(path);
    expect(answer.status).toBe(404);
    expect(((await answer.json()) as { detail: string }).detail).toContain('npm run package');
  }
});
