import { createHash } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuleList, RuleTrial } from '@booner/protocol';
import { eventually, freePort, startRedis } from '@booner/testkit';
import { list, type ReadEntry } from 'tar';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { receiveNotifications } from '../../packages/service/src/testing/notification-receiver.ts';
import { startEnrolledBed } from '../access/enrolled-bed.ts';
import { run } from './consumer.ts';
import { ARCHITECTURE, makePackages, type Unpacked, unpack } from './packed-host.ts';

const PASSPHRASE = 'a passphrase of three words';
const PACKING_MS = 240_000;
const HOST = /^booner-host-\d+\.\d+\.\d+-linux-(x64|arm64)\.tar\.gz$/;

const stack = new AsyncDisposableStack();
let bench: string;
let first: string;
let second: string;
let hub: Unpacked;

beforeAll(async () => {
  bench = await mkdtemp(join(tmpdir(), 'booner-packages-'));
  stack.defer(() => rm(bench, { recursive: true }));
  [first, second] = [join(bench, 'first'), join(bench, 'second')];
  await Promise.all([mkdir(first), mkdir(second)]);
  // As docs/releasing.md says.
  await writeFile(join(bench, 'passphrase'), PASSPHRASE);
  const toFile = ['-aes256', '-pass', 'file:passphrase', '-out', 'release.key'];
  await run('openssl', ['genpkey', '-algorithm', 'ed25519', ...toFile], bench);
  const toPublic = ['-in', 'release.key', '-passin', 'file:passphrase', '-pubout', '-out', 'release.pub'];
  await run('openssl', ['pkey', ...toPublic], bench);
  await Promise.all([
    makePackages(first, 'host,hub', {
      args: ['--sign', join(bench, 'release.key')],
      input: `${PASSPHRASE}\n`,
    }),
    makePackages(second, 'host', { args: ['--trust', join(bench, 'release.pub')] }),
  ]);
  hub = stack.use(await unpack(first, 'hub'));
}, PACKING_MS);
afterAll(() => stack.disposeAsync());

const nameOf = async (folder: string, name: RegExp) =>
  (await readdir(folder)).find((file) => name.test(file)) as string;

it('are the same, byte for byte, when they are rebuilt to be signed elsewhere', async () => {
  const name = await nameOf(first, HOST);
  const [one, other] = await Promise.all([first, second].map((folder) => readFile(join(folder, name))));
  expect(one?.equals(other as Buffer)).toBe(true);
});

it('have matching checksums, signed with the key whose passphrase stdin had', async () => {
  await run('sha256sum', ['--check', '--strict', 'SHA256SUMS'], first);
  const sums = await readFile(join(first, 'SHA256SUMS'), 'utf8');
  expect(sums.match(/(?<= {2})\S+$/gm)).toEqual([
    expect.stringMatching(HOST),
    expect.stringMatching(/^booner-hub-/),
    'install.sh',
  ]);
  const key = ['-rawin', '-pubin', '-inkey', join(bench, 'release.pub')];
  await run(
    'openssl',
    ['pkeyutl', '-verify', ...key, '-in', 'SHA256SUMS', '-sigfile', 'SHA256SUMS.sig'],
    first,
  );
  expect(await readdir(second)).not.toContain('SHA256SUMS.sig');
  const publicKey = await readFile(join(bench, 'release.pub'), 'utf8');
  expect(await readFile(join(hub.folder, 'release-keys.pem'), 'utf8')).toBe(publicKey);
});

it('contain what a host needs, in order, without an owner or a time', async () => {
  const entries: ReadEntry[] = [];
  const name = await nameOf(first, HOST);
  await list({ file: join(first, name), onReadEntry: (entry) => void entries.push(entry) });
  const paths = entries.map(({ path }) => path);
  const top = name.replace('.tar.gz', '/');
  expect(paths).toEqual([...paths].sort());
  expect(paths.map((path) => path.slice(top.length))).toEqual(
    expect.arrayContaining([
      ...['bin/node', 'booner-agent.mjs', 'booner-runner.mjs', 'booner.mjs', 'collect-main.mjs'],
      ...['koffi.node', 'LICENSE', 'LICENSES', 'VERSION', 'install.sh', 'upgrade'],
      ...['booner-launcher.mjs', 'systemd/booner-launcher.service', 'systemd/booner-launcher.socket'],
      ...['systemd/booner-agent.service', 'actions/booner-upgrade.yaml', 'bin/booner'],
    ]),
  );
  expect(paths.filter((path) => path.includes('hub.mjs') || !path.startsWith(top))).toEqual([]);
  const files = entries.filter(({ type }) => type === 'File');
  expect(new Set(files.map(({ mode }) => mode))).toEqual(new Set([0o644, 0o755]));
  expect(new Set(files.map(({ mtime }) => mtime?.getUTCFullYear()))).toEqual(new Set([1985]));
  expect(new Set(entries.flatMap(({ uid, gid, uname }) => [uid ?? 0, gid ?? 0, uname ?? '']))).toEqual(
    new Set([0, '']),
  );
});

it('have an agent and a worker of the hub without the schema library and without systeminformation', async () => {
  for (const name of ['booner-agent.mjs', 'remote-write-worker.mjs']) {
    const program = await readFile(join(hub.folder, name), 'utf8');
    expect([name, program.match(/ZodError|systeminformation/)]).toEqual([name, null]);
  }
  // They are where they are needed: the search would find them.
  expect(await readFile(join(hub.folder, 'collect-main.mjs'), 'utf8')).toMatch(/ZodError/);
});

it('name the licences of everything in them', async () => {
  const licences = await readFile(join(hub.folder, 'LICENSES'), 'utf8');
  const titles = [...licences.matchAll(/={80}\n(.+)\n={80}/g)].map(([, title]) => title?.split(' ')[0]);
  expect(titles).toEqual(
    expect.arrayContaining([
      'Node.js',
      'koffi',
      'ioredis',
      'pino',
      'zod',
      'hono',
      'react',
      'swagger-ui-dist',
    ]),
  );
  expect(licences).toContain('Copyright Node.js contributors');
});

it('have a command line that shows only lines for the signed installer', async () => {
  const offered = join(bench, 'offered');
  await mkdir(offered);
  for (const name of ['install.sh', 'SHA256SUMS', 'SHA256SUMS.sig'])
    await cp(join(first, name), join(offered, name));
  await using bed = await startEnrolledBed({ hubEnv: { BOONER_PACKAGES_DIR: offered } });
  const token = join(bench, 'token');
  await writeFile(token, bed.hub.adminToken ?? '', { mode: 0o600 });
  const addHost = async (host: string) => {
    const args = ['target', 'add', host, '--hub', bed.hub.url, '--token-file', token];
    await using command = await hub.start('booner', {}, args);
    const { code } = await command.exited;
    return { code, stdout: command.lines.stdout.join('\n'), stderr: command.lines.stderr.join('\n') };
  };
  const shown = await addHost('127.0.0.2');
  const version = (await readFile(join(hub.folder, 'VERSION'), 'utf8')).trim();
  expect(shown.stderr).toContain(`It installs version ${version}, signed with your release key.`);
  const [, sum] = /(\w{64}) {2}install\.sh/.exec(await readFile(join(first, 'SHA256SUMS'), 'utf8')) ?? [];
  expect(shown.stdout).toMatch(
    new RegExp(`^curl \\S+ booner-install\\.sh ${bed.hub.url}/.* && echo '${sum} `),
  );

  await writeFile(join(offered, 'install.sh'), 'touch /owned');
  expect(await addHost('127.0.0.3')).toEqual({
    code: 1,
    stdout: '',
    stderr: expect.stringMatching(/not signed/),
  });
  const forgedSum = createHash('sha256').update('touch /owned').digest('hex');
  await writeFile(join(offered, 'SHA256SUMS'), `${forgedSum}  install.sh\n`);
  expect(await addHost('127.0.0.3')).toMatchObject({ code: 1, stdout: '' });
});

it('run a fleet of their own from nothing but their content', { timeout: 120_000 }, async () => {
  await using redis = await startRedis();
  const bench = await mkdtemp(join(tmpdir(), 'booner-state-'));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(bench, { recursive: true }));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const programs = {
    'booner-hub': { PORT: String(port), BOONER_INTERVAL_MS: '500' },
    'booner-agent': { BOONER_HOST_ID: '10.0.0.2', BOONER_INTERVAL_MS: '500' },
    'booner-runner': { BOONER_HOST_ID: '10.0.0.2', BOONER_ACTIONS_DIR: bench },
  };
  const running = await Promise.all(
    Object.entries(programs).map(async ([name, env]) => {
      const socket = join(bench, `${name}.socket`);
      const manager = cleanUp.use(receiveNotifications(socket));
      const common = { REDIS_URL: redis.url, BOONER_STATE_DIR: join(bench, name), NOTIFY_SOCKET: socket };
      return { name, manager, process: cleanUp.use(await hub.start(name, { ...common, ...env })) };
    }),
  );

  const saidOf = (name: string) => running.find((each) => each.name === name)?.manager.messages() ?? [];
  const works = {
    'booner-hub': `at ${url}`,
    'booner-agent': 'publishing as 10.0.0.2',
    'booner-runner': 'serving 10.0.0.2',
  };
  for (const [name, status] of Object.entries(works)) {
    await eventually(() => saidOf(name).includes('READY=1') && saidOf(name).includes(`STATUS=${status}`), {
      what: `${name} to tell its service manager that it works`,
    });
  }
  const target = await eventually(
    async () => {
      const answer = (await (await fetch(`${url}/targets/10.0.0.2`)).json()) as {
        inventory?: { agentVersion: string; cpu: { model: string } | null; memoryTotalBytes: number | null };
      };
      return answer.inventory ?? null;
    },
    { what: 'the inventory of the agent' },
  );
  const version = (await readFile(join(hub.folder, 'VERSION'), 'utf8')).trim();
  expect(target.agentVersion).toBe(version);
  expect(target.memoryTotalBytes).toBeGreaterThan(0);
  const textOf = async (path: string) =>
    (await fetch(url + path, { headers: { accept: 'text/html,*/*' } })).text();
  expect(await textOf('/')).toMatch(/<script type="module"/);
  expect(await textOf('/docs/swagger-ui-bundle.js')).toMatch(/SwaggerUIBundle/);
  const [hostSum] = (await readFile(join(first, 'SHA256SUMS'), 'utf8')).split(' ');
  const installer = await textOf('/install.sh');
  expect(installer).toContain(`VERSION='${version}'`);
  expect(installer).toContain(`SUMS='${hostSum}  booner-host-${version}`);
  expect(await textOf('/packages/SHA256SUMS')).toContain(
    `booner-host-${version}-linux-${ARCHITECTURE}.tar.gz`,
  );

  for (const { process } of running) process.kill('SIGTERM');
  for (const { process } of running) expect(await process.exited).toEqual({ code: 0, signal: null });
  for (const { name } of running) expect(saidOf(name).at(-1)).toBe('STOPPING=1');
});

it('have a hub that reads files of alert rules and tries rules, in threads of its package', async () => {
  const bench = await mkdtemp(join(tmpdir(), 'booner-state-'));
  await using cleanUp = new AsyncDisposableStack();
  cleanUp.defer(() => rm(bench, { recursive: true }));
  const [rules, state] = [join(bench, 'rules'), join(bench, 'state')];
  await mkdir(rules);
  const rule = {
    selector: '*',
    when: { metric: 'memoryAvailableRatio', function: 'last', over: '10s' },
    warn: { on: 0.01, off: 0.001 },
  };
  await writeFile(join(rules, 'memory.yaml'), JSON.stringify({ rules: [{ name: 'memory', ...rule }] }));
  const port = await freePort();
  const env = { PORT: String(port), BOONER_STATE_DIR: state, BOONER_ALERT_RULES_DIR: rules };
  const process = cleanUp.use(await hub.start('booner-hub', env));
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, init);
    const text = await response.text();
    expect([response.status, text]).toEqual([200, text]);
    return JSON.parse(text);
  };
  await eventually(
    async () => {
      const { rules, issues } = (await ask('/alert-rules')) as RuleList;
      expect(issues).toEqual([]);
      return rules.some((each) => each.rule.name === 'memory' && each.file === 'memory.yaml');
    },
    { what: 'the rule of the file' },
  );
  const headers = { 'content-type': 'application/json' };
  const trial = { method: 'POST', headers, body: JSON.stringify({ rule, range: '1h' }) };
  const episodes = await eventually(
    async () => {
      const { episodes } = (await ask('/alert-rules/test', trial)) as RuleTrial;
      return episodes.length > 0 && episodes;
    },
    { what: 'an episode in the history' },
  );
  expect(episodes).toMatchObject([{ host: '127.0.0.1', severity: 'warn', endedAtMs: null }]);

  process.kill('SIGTERM');
  expect(await process.exited).toEqual({ code: 0, signal: null });
});
