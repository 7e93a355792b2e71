import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { MAX_LABEL_CHARACTERS } from '@booner/protocol';
import { freePort, startHub } from '@booner/testkit';
import { describe, expect, it } from 'vitest';
import { startHost } from './host.ts';
import { INSTALLER, makeFolder, runAsOnHost, runScript } from './installer.ts';

const KEY = `bne_${'k'.repeat(43)}`;

it('is plain ASCII, which every terminal shows', async () => {
  expect(await readFile(INSTALLER, 'latin1')).toMatch(/^[\n -~]*$/);
});

it('does nothing if the download was cut off, at any byte', async () => {
  const script = await readFile(INSTALLER, 'utf8');
  const wholeFunctions = script.slice(0, script.lastIndexOf('main "$@"'));
  await using scratch = await makeFolder();
  const file = join(scratch.folder, 'cut.sh');
  for (let part = 1; part <= 20; part += 1) {
    await writeFile(file, wholeFunctions.slice(0, (wholeFunctions.length * part) / 20));
    const { stdout } = await runScript(file, ['--help']); // which the whole script answers
    expect(stdout, `cut after ${part}/20`).toBe('');
  }
  expect((await runScript(INSTALLER, ['--help'])).stdout).toMatch(/--hub URL --key KEY/);
});

it.each([
  [['--nope', 'x'], '--nope is unknown'],
  [['--hub'], '--hub is unknown or lacks its value'],
  [['--hub', '10.0.0.1:8000'], '--hub must be a URL'],
  [['--hub', 'http://10.0.0.1:8000', '--key', '$(id)'], '--key is not a valid key'],
  [['--key', KEY], '--key needs --hub'],
  [['--role', 'agent'], '--role must be host or hub'],
  [['--offline', '/there/is/none.tar.gz'], '/there/is/none.tar.gz cannot be read'],
  [['--redis-url', 'redis://user:secret@10.0.0.1'], '--redis-url contains a password'],
  [['--label', 'x'.repeat(MAX_LABEL_CHARACTERS + 1)], '--label has more than 200 characters'],
  [['--label', '\u{1f600}'.repeat(MAX_LABEL_CHARACTERS / 2 + 1)], '--label has more than 200 characters'],
])('refuses %j before it looks at anything', async (args, reason) => {
  const said = await runScript(INSTALLER, ['--dry-run', ...args]);
  expect(said.code).toBe(1);
  expect(said.stderr).toContain(`Not installed: ${reason}`);
  expect(said.stderr).not.toContain('secret');
  expect(said.stdout).toBe('');
});

it.each(['x', '\u00e9', '\u65e5'])('accepts a label of the maximum length, of %j', async (character) => {
  const label = character.repeat(MAX_LABEL_CHARACTERS);
  const { stderr } = await runScript(INSTALLER, ['--label', label, '--role', 'agent']);
  expect(stderr).toContain('Not installed: --role must be host or hub'); // the check after that of the label
});

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('on a host', () => {
  it('says what it would do, without using up the key', async () => {
    await using hub = await startHub();
    const args = ['--hub', hub.url, '--key', KEY, '--enable-tasks', '--dry-run'];
    const { code, stdout } = await runAsOnHost('1.2.3', args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/ok {4}reachable\n +ok {4}clocks agree/);
    expect(stdout).toMatch(/Nothing was changed[\s\S]*version 1\.2\.3[\s\S]*booner-runner\.service/);
  });

  it('names D-Bus if it is missing on a host with tasks', async () => {
    await using hub = await startHub();
    const args = ['--hub', hub.url, '--key', KEY, '--enable-tasks', '--dry-run'];
    const { code, stderr } = await runAsOnHost('1.2.3', args, { hasDbus: false });
    expect(code).toBe(1);
    expect(stderr).toContain('Not installed: D-Bus is not running');
  });

  it('names a hub that does not answer, and how to find out why', async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, stderr } = await runAsOnHost('1.2.3', ['--hub', url, '--key', KEY]);
    expect(code).toBe(1);
    expect(stderr).toContain(`${url} cannot be reached: the connection was refused`);
    expect(stderr).toContain(`curl -v ${url}/healthz`);
  });

  it('notices a wrong clock', async () => {
    await using server = createServer((_request, response) => {
      response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString());
      response.end('{}');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const args = ['--hub', `http://127.0.0.1:${port}`, '--key', KEY, '--dry-run'];
    const { stdout } = await runAsOnHost('1.2.3', args);
    expect(stdout).toMatch(/clock is off by -3(599|600) s[\s\S]*timedatectl set-ntp true/);
  });

  it('says how to build packages if the hub has none', async () => {
    await using hub = await startHub({ env: { BOONER_PACKAGES_DIR: '/there/is/no/such/folder' } });
    const { code, stderr } = await runAsOnHost('1.2.3', ['--hub', hub.url, '--key', KEY]);
    expect(code).toBe(1);
    expect(stderr).toContain('npm run package');
  });

  it('refuses to install a modified package', async () => {
    await using scratch = await makeFolder();
    const file = join(scratch.folder, 'booner-host-1.2.3-linux-x64.tar.gz');
    await writeFile(file, 'not what it was');
    await writeFile(
      join(scratch.folder, 'SHA256SUMS'),
      `${'0'.repeat(64)}  booner-host-1.2.3-linux-x64.tar.gz\n`,
    );
    await writeFile(join(scratch.folder, 'password'), 'secret');
    const redis = [
      '--redis-url',
      'redis://127.0.0.1:1',
      '--redis-password-file',
      join(scratch.folder, 'password'),
    ];
    const { code, stderr } = await runAsOnHost('1.2.3', ['--offline', file, ...redis]);
    expect(code).toBe(1);
    expect(stderr).toContain('does not match its checksum');
  });

  it('copies the state of an earlier runner, and follows no link that the runner has put in its place', async () => {
    await using host = await startHost();
    const { code, stdout } = await host.shell(
      [
        'cd /var/lib && mkdir booner booner-runner',
        'echo identity >booner/runner.json',
        'echo journal >booner/journal.jsonl',
        'chown 1234:1234 booner-runner',
        'echo untouched >/etc/of-root',
        'mkdir /etc/folder-of-root',
        'ln -s /etc/of-root booner-runner/runner.json',
        'ln -s /etc/folder-of-root booner-runner/journal.jsonl',
        'touch -h -d 2020-01-01 booner-runner/journal.jsonl',
        'touch -d 2020-01-01 /etc/folder-of-root',
        `sh ${INSTALLER} --complete-upgrade >/dev/null`,
        'cat /etc/of-root booner-runner/runner.json booner-runner/journal.jsonl',
        'stat -c %u /etc/of-root /etc/folder-of-root booner-runner/runner.json booner-runner/journal.jsonl',
      ].join(' && '),
    );
    expect(code).toBe(0);
    expect(stdout.split('\n')).toEqual(['untouched', 'identity', 'journal', '0', '0', '1234', '1234']);
  });

  it('lets no other account hold its lock, which would prevent upgrades', async () => {
    await using host = await startHost();
    const { stdout } = await host.shell(
      [
        'mkdir -p /opt/booner/versions/1.2.3 && ln -s versions/1.2.3 /opt/booner/current',
        'touch /run/booner-install.lock && chmod 644 /run/booner-install.lock',
        `sh ${INSTALLER} --upgrade 1.2.4 --hub http://127.0.0.1:${await freePort()} >/dev/null 2>&1`,
        'cat /var/lib/booner/upgrade.json; stat -c %a /run/booner-install.lock',
      ].join('\n'),
    );
    expect(stdout).toMatch(/cannot be downloaded[\s\S]*\n600$/);
  });
});
