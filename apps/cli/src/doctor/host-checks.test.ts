import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Finding, runChecks } from './check.ts';
import { type Host, hostChecks } from './host-checks.ts';
import { findRedis } from './redis-settings.ts';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'booner-host-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function write(path: string, text: string, mode = 0o600): Promise<void> {
  const full = join(root, path);
  await mkdir(dirname(full), { recursive: true });
  await writeFile(full, text);
  await chmod(full, mode);
}

/** Runs the host checks. `outputs` are outputs of commands by the start of their command line. */
async function examine(
  outputs: Readonly<Record<string, string>>,
): Promise<Readonly<Record<string, Finding>>> {
  const run: Host['run'] = async (...line) =>
    Object.entries(outputs).find(([start]) => line.join(' ').startsWith(start))?.[1] ?? null;
  const findings = await runChecks(hostChecks({ root, run }), () => undefined);
  return Object.fromEntries(findings.map((finding) => [finding.check, finding]));
}

describe('an installation', () => {
  it('has no checks if nothing is installed', async () => {
    expect(await examine({})).toEqual({});
  });

  it('is healthy if its units are active and its secrets protected', async () => {
    await write('etc/systemd/system/booner-agent.service', '');
    await write('etc/booner/credentials/redis-agent-password', 'secret\n');
    await write('opt/booner/current/bin/node', '');
    const found = await examine({ 'systemctl is-active booner-agent': 'active', timedatectl: 'yes' });
    expect(Object.values(found).map(({ status }) => status)).toEqual(['ok', 'ok', 'ok', 'ok']);
  });

  it('is told if its runner is root, because its launcher is not installed', async () => {
    const active = { 'systemctl is-active': 'active' };
    await write('etc/systemd/system/booner-runner.service', '');
    expect((await examine(active))['host.sandbox']).toMatchObject({
      status: 'warn',
      hint: 'run the install command again',
    });
    await write('etc/systemd/system/booner-launcher.service', '');
    const found = await examine(active);
    expect(found['host.sandbox']).toMatchObject({ status: 'ok' });
    expect(found['host.launcher']).toMatchObject({ status: 'ok' });
  });

  it('is unhealthy if a unit failed, a secret is readable, programs are missing or the clock is not synchronized', async () => {
    await write('etc/systemd/system/booner-agent.service', '');
    await write('etc/booner/credentials/redis-agent-password', 'secret\n', 0o644);
    const found = await examine({
      'systemctl is-active booner-agent': 'failed',
      'journalctl _SYSTEMD_UNIT=booner-agent.service': 'WRONGPASS invalid username-password pair',
      timedatectl: 'no',
    });
    expect(found['host.version']).toMatchObject({ status: 'fail' });
    expect(found['host.credentials']).toMatchObject({
      status: 'fail',
      hint: expect.stringContaining('chmod 600'),
    });
    expect(found['host.agent']).toMatchObject({
      status: 'fail',
      detail: expect.stringContaining('WRONGPASS'),
    });
    expect(found['host.agent']?.hint).toContain('systemctl restart booner-agent');
    expect(found['host.clock']).toMatchObject({ status: 'warn' });
  });

  it('names the file with an invalid setting, and a time service to install', async () => {
    await write('etc/systemd/system/booner-hub.service', '');
    const found = await examine({
      'systemctl is-active booner-hub': 'failed',
      'systemctl show -p ExecMainStatus --value booner-hub': '78',
      'journalctl _SYSTEMD_UNIT=booner-hub.service': '  - REDIS_CA_FILE: /ca.pem cannot be read (EACCES)',
      'timedatectl show -p NTPSynchronized': 'no',
      'timedatectl show -p CanNTP': 'no',
    });
    expect(found['host.hub']).toMatchObject({
      detail: expect.stringContaining('REDIS_CA_FILE'),
      hint: 'correct it in /etc/booner/hub.env or in the file that it names, then run `sudo systemctl restart booner-hub`',
    });
    expect(found['host.clock']?.hint).toContain('apt-get install systemd-timesyncd');
  });

  it('names the program that uses the port of a stopped hub', async () => {
    await write('etc/systemd/system/booner-hub.service', '');
    await write('etc/booner/hub.env', 'PORT=8123\n');
    const found = await examine({
      'systemctl is-active booner-hub': 'activating',
      'ss -Hltnp sport = :8123': 'LISTEN 0 511 127.0.0.1:8123 0.0.0.0:* users:(("python3",pid=4711,fd=3))',
    });
    expect(found['host.hub']?.detail).toBe(
      'booner-hub is activating: its port is taken by python3, process 4711',
    );
  });
});

describe('the Redis settings', () => {
  it('are those of the daemons on this machine, with the password from systemd', async () => {
    await write(
      'etc/booner/agent.env',
      'REDIS_URL=redis://10.0.0.1:6379\nREDIS_USERNAME="booner-agent-10.0.0.2"\n',
    );
    await write('etc/booner/credentials/redis-agent-password', 'hush\n');
    const found = findRedis({}, {}, root);
    expect(found).toMatchObject({
      from: join(root, 'etc/booner/agent.env'),
      config: { username: 'booner-agent-10.0.0.2' },
    });
    expect(found !== null && 'config' in found && found.config.password?.reveal()).toBe('hush');
    expect(JSON.stringify(found)).not.toContain('hush');
    expect(findRedis({ redisUrl: 'redis://h' }, {}, root)).toMatchObject({ from: '--redis-url' });
    expect(findRedis({}, { REDIS_URL: 'redis://h' }, root)).toMatchObject({ from: 'REDIS_URL' });
  });

  it('have the password that the unit passes, if all share one and no user is configured', async () => {
    await write('etc/booner/agent.env', 'REDIS_URL=redis://10.0.0.1:6379\n');
    await write('etc/booner/credentials/redis-agent-password', 'hush\n');
    const found = findRedis({}, {}, root);
    expect(found !== null && 'config' in found && found.config.password?.reveal()).toBe('hush');
  });

  it('are reported as invalid, without their secrets', async () => {
    expect(findRedis({}, {}, root)).toBeNull();
    const bad = findRedis({}, { REDIS_URL: 'http://user:hush@h' }, root);
    expect(bad).toMatchObject({ issue: expect.stringContaining('the scheme is "http"') });
    expect(JSON.stringify(bad)).not.toContain('hush');
  });
});
