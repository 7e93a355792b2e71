import { appendFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { eventually } from '@booner/testkit';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { run, tryRun } from '../hosts/command.ts';
import { type Clone, cloneForTests } from './composition.ts';

const ROOT = join(import.meta.dirname, '../..');
/** The hub's address, and the host's in docs/compose.md. */
const [HUB, HOST] = ['http://127.0.0.1:8000', '10.0.0.2'];
const MEBIBYTE = 2 ** 20;

let clone: Clone;
let token = '';

beforeAll(async () => {
  clone = await cloneForTests();
});
afterEach(async ({ task }) => {
  if (task.result?.state !== 'fail') return;
  for (const command of ['ps --all', 'logs --tail 40']) {
    process.stdout.write(
      (await tryRun(['sh', '-c', `cd "${clone.folder}" && docker compose ${command}`])).stdout,
    );
  }
});

async function ask(path: string, { as = token, ...init }: RequestInit & { readonly as?: string } = {}) {
  const headers = { ...(as === '' ? {} : { authorization: `Bearer ${as}` }), ...init.headers };
  const response = await fetch(HUB + path, { ...init, headers });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  return { status: response.status, headers: response.headers, text, json: isJson ? JSON.parse(text) : null };
}

/** Runs `booner` from this repository. */
const booner = (...args: string[]) =>
  tryRun([process.execPath, join(ROOT, 'apps/cli/src/main.ts'), ...args], {
    env: { ...process.env, BOONER_HUB: HUB, BOONER_TOKEN: token },
  });

const targetOf = async (host: string) =>
  (await ask('/targets')).json.targets.find((target: { host: string }) => target.host === host);
const untilReady = () =>
  eventually(async () => (await ask('/readyz')).status === 200, { what: 'the hub to be ready' });
const untilActive = (host: string) =>
  eventually(async () => ((await targetOf(host))?.status === 'active' ? targetOf(host) : null), {
    what: `${host} to be active`,
  });

const containerOf = async (service: string) =>
  (await clone.paste(`docker compose --profile agent ps --quiet ${service}`)).trim();
async function inspect(container: string) {
  const [found] = JSON.parse(await run(['docker', 'inspect', container]));
  return found;
}

/** Reads from inside a container what its processes may do. */
async function confinementOf(container: string) {
  const { HostConfig } = await inspect(container);
  const script =
    'id -u; grep -E "^(CapEff|CapBnd|NoNewPrivs):" /proc/self/status; cat /sys/fs/cgroup/memory.max 2>/dev/null ' +
    '|| cat /sys/fs/cgroup/memory/memory.limit_in_bytes; touch /x 2>&1; touch /tmp/x && echo tmp is writable';
  const { stdout } = await tryRun(['docker', 'exec', container, 'sh', '-c', script]);
  const [uid, ...said] = stdout.trim().split('\n');
  return { HostConfig, isRoot: uid === '0', said: said.map((line) => line.replaceAll(/\s+/g, ' ')) };
}

async function expectConfined(service: string, mebibytes: number) {
  const { HostConfig, isRoot, said } = await confinementOf(await containerOf(service));
  expect(isRoot).toBe(false);
  expect(said).toEqual([
    expect.stringMatching(/^CapEff: 0{16}$/),
    expect.stringMatching(/^CapBnd: 0{16}$/),
    'NoNewPrivs: 1',
    `${mebibytes * MEBIBYTE}`,
    expect.stringMatching(/Read-only file system/),
    'tmp is writable',
  ]);
  expect(HostConfig).toMatchObject({
    ReadonlyRootfs: true,
    Memory: mebibytes * MEBIBYTE,
    MemorySwap: mebibytes * MEBIBYTE, // memory and swap together
    Init: true,
  });
  expect(HostConfig.PidsLimit).toBeGreaterThan(0);
}

/** Kills the processes of a program with SIGKILL, and waits until Docker has restarted it. */
async function killIn(service: string, program: string) {
  const container = await containerOf(service);
  const before = (await inspect(container)).State.StartedAt;
  await tryRun(['docker', 'exec', container, 'sh', '-c', `kill -9 $(pidof ${program})`]);
  await eventually(
    async () => {
      const { Running, StartedAt } = (await inspect(container)).State;
      return Running && StartedAt !== before;
    },
    { what: `${service} to be restarted` },
  );
}

describe('the composition of docs/compose.md', () => {
  it('starts with the documented commands, which print the first admin token', async () => {
    const [start] = clone.documented('make-secrets.sh').split('docker compose logs');
    const printed = (await clone.paste(start!)).trim().split('\n');
    token = printed.at(-1)!;
    expect(token).toMatch(/^bnr_/);
    expect((await ask('/readyz')).status).toBe(200);
  });

  it('puts neither settings nor backups nor passwords into commits and images', async () => {
    const secret = ['.env', 'backup/users.acl', 'deploy/docker/secrets/redis-hub-password'];
    await clone.paste('mkdir backup && touch .env backup/users.acl');
    const ignored = await clone.paste(`git check-ignore ${secret.join(' ')}`);
    expect(ignored.trim().split('\n')).toEqual(secret);
    const dockerfile = 'FROM docker.io/library/debian:bookworm-slim\nCOPY . /context\n';
    const image = (await clone.paste(`printf '${dockerfile}' | docker build --quiet --file - .`)).trim();
    const list = await clone.paste(`docker run --rm ${image} find /context -type f`);
    expect(list).toContain('/context/deploy/docker/Dockerfile\n');
    for (const file of secret) expect(list).not.toContain(`/context/${file}\n`);
    await clone.paste(`rm -r .env backup && docker image rm ${image}`);
  });

  it('lets in the holder of that token only', async () => {
    expect((await ask('/targets', { as: '' })).status).toBe(401);
    expect((await ask('/targets')).status).toBe(200);
    const session = await ask('/auth/session', {
      as: '',
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
    expect(session.status).toBe(200);
    const cookie = session.headers.getSetCookie().map((line) => line.split(';')[0]);
    expect((await ask('/targets', { as: '', headers: { cookie: cookie.join('; ') } })).status).toBe(200);
  });

  it('serves the dashboard with its files', async () => {
    const page = await ask('/', { as: '', headers: { accept: 'text/html' } });
    const files = [...page.text.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map(([, path]) => path!);
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) expect([file, (await ask(file, { as: '' })).status]).toEqual([file, 200]);
  });

  it('confines the hub and Redis', async () => {
    await expectConfined('hub', 1024);
    await expectConfined('redis', 512);
  });

  it('keeps the passwords from other users of the machine', async () => {
    const asNobody = (command: string) =>
      tryRun(['setpriv', '--reuid', 'nobody', '--clear-groups', 'sh', '-c', command]);
    const secrets = join(clone.folder, 'deploy/docker/secrets');
    expect((await asNobody(`cat "${clone.folder}/docker-compose.yml"`)).code).toBe(0);
    for (const name of ['hub', 'enroller', 'admin']) {
      expect((await asNobody(`cat "${secrets}/redis-${name}-password"`)).stderr).toMatch(/Permission denied/);
    }
  });

  it('adds no host until it knows how hosts reach Redis', async () => {
    const { code, stderr } = await booner('target', 'add', HOST);
    expect(code).not.toBe(0);
    expect(stderr).toContain('Set BOONER_AGENT_REDIS_URL');
    await appendFile(join(clone.folder, '.env'), clone.documented('BOONER_REDIS_BIND=10.0.0.1'));
    await clone.paste('docker compose up --detach --wait');
    expect(await clone.paste('git status --short')).toBe('');
  });

  it('measures a host from a container, in a clone without passwords', async () => {
    const [add] = /booner target add .*/.exec(clone.documented('booner target add'))!;
    expect(add).toBe(`booner target add ${HOST} --label "game server"`);
    const { stdout, stderr } = await booner('target', 'add', HOST, '--label', 'game server');
    const [key] = /bne_[\w-]+/.exec(stdout) ?? [];
    expect([stderr, key]).toEqual([stderr, expect.any(String)]);
    // The mode with which git creates the folder on the host.
    await clone.paste('chmod 755 deploy/docker/secrets');
    const [, onHost] = clone.documented('booner target add').split('# On the host.');
    await clone.paste(`#${onHost!.replace('bne_…', key!).replace('https://hub.example.org', HUB)}`);
    const { inventory, label } = await untilActive(HOST);
    expect(label).toBe('game server');
    expect(inventory.hostname).toBe(hostname());
    expect(inventory.virtualization).not.toBe('docker');
  });

  it("keeps the agent's password from other users of the machine", async () => {
    const secrets = join(clone.folder, 'deploy/docker/secrets');
    expect((await stat(secrets)).mode & 0o777).toBe(0o700);
    const cat = `cat "${secrets}/redis-agent-password"`;
    const read = await tryRun(['setpriv', '--reuid', 'nobody', '--clear-groups', 'sh', '-c', cat]);
    expect(read.stderr).toMatch(/Permission denied/);
  });

  it('confines the agent', async () => {
    await expectConfined('agent', 256);
    const script = 'touch /host/x; cat /host/etc/shadow';
    const { stderr } = await tryRun(['docker', 'exec', await containerOf('agent'), 'sh', '-c', script]);
    expect(stderr).toMatch(/Read-only file system.*Permission denied/s);
  });

  it('recovers when the hub is killed, and when Redis is killed', async () => {
    await killIn('hub', 'node');
    await untilReady();
    await untilActive(HOST);
    await killIn('redis', 'redis-server');
    await untilReady();
    await untilActive(HOST);
  });

  it('keeps its data through down and up', async () => {
    await clone.paste('docker compose down && docker compose up --detach --wait');
    await untilActive(HOST);
  });

  it('makes a backup while it runs, outside of the clone', async () => {
    await clone.paste(clone.documented('docker compose pause'));
    await untilActive(HOST);
    const folder = join(clone.folder, '../booner-backup');
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(await clone.paste('ls ../booner-backup/*')).toMatch(/appendonlydir.*users\.acl/s);
    expect(await clone.paste('git status --short')).toBe('');
  });

  it('restores a backup into an empty Redis', async () => {
    await clone.paste('docker compose down --volumes && docker compose up --detach --wait');
    const { status } = await ask('/targets');
    expect(status).toBe(401); // the token is unknown to a new Redis
    await clone.paste(clone.documented('/backup:ro'));
    const { label } = await untilActive(HOST); // its user and its password, too
    expect(label).toBe('game server');
    expect((await booner('target', 'remove', HOST)).code).toBe(0);
  });

  it('restores a backup over newer data', async () => {
    await clone.paste(clone.documented('/backup:ro'));
    await untilActive(HOST);
  });

  it('answers redis-cli, with all permissions', async () => {
    const redisCli = clone.documented('redis-cli --user booner-admin');
    expect((await clone.paste(`echo ACL WHOAMI | ${redisCli}`)).trim()).toBe('booner-admin');
  });
});

describe('the image of the hub alone', () => {
  it('runs the example actions in a read-only container', async () => {
    await clone.paste('docker compose --profile agent down');
    const [command] = /^docker run .*$/m.exec(clone.documented('docker run '))!;
    expect(command).toMatch(/ --read-only .* --cap-drop ALL /);
    const container = (await clone.paste(command.replace('docker run', 'docker run --detach'))).trim();
    const cat = ['docker', 'exec', container, 'cat', '/var/lib/booner/admin-token'] as const;
    token = await eventually(async () => (await run(cat)).trim(), { what: 'the first admin token' });
    const host = await eventually(async () => (await ask('/targets')).json.targets[0]?.host, {
      what: 'the host of the hub',
    });
    const { actions } = await eventually(
      async () => {
        const { status, json } = await ask(`/targets/${host}/actions`);
        return status === 200 && json.actions.length > 0 ? json : null;
      },
      { what: 'the actions' },
    );
    // Without `ping`, a program that the image does not have.
    expect(actions.map(({ name }: { name: string }) => name).sort()).toEqual([
      ...['countdown', 'disk-usage', 'failing-deploy'],
    ]);
    const endOf = async (action: string, params: object) => {
      const created = await ask('/tasks', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ host, action, params }),
      });
      expect([created.text, created.status]).toEqual([created.text, 202]);
      return eventually(
        async () => {
          const { json } = await ask(`/tasks/${created.json.task_id}`);
          return /^(completed|failed|cancelled)$/.test(json.status) ? json : null;
        },
        { what: `the task ${action} to end` },
      );
    };
    expect(await endOf('countdown', { seconds: 1 })).toMatchObject({ status: 'completed' });
    expect(await endOf('disk-usage', { folder: '/opt' })).toMatchObject({
      status: 'completed',
      result: { folder: '/opt' },
    });
    const confined = await confinementOf(container);
    expect(confined.isRoot).toBe(false);
    expect(confined.said).toEqual([
      expect.stringMatching(/^CapEff: 0{16}$/),
      expect.stringMatching(/^CapBnd: 0{16}$/),
      expect.any(String),
      expect.any(String),
      expect.stringMatching(/Read-only file system/),
      'tmp is writable',
    ]);
  });
});
