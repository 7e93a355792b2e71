import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startEnrolledBed } from '../access/enrolled-bed.ts';
import { type Host, startHost } from './host.ts';
import { makeFolder } from './installer.ts';
import { type PlayedHub, playHub } from './played-hub.ts';
import {
  makeKey,
  makeRelease,
  packagePath,
  type Release,
  type SigningKey,
  sha256,
  signatureOf,
} from './release.ts';

const KEY = `bne_${'p'.repeat(43)}`;
const [SUMS, SIGNATURE] = ['/packages/SHA256SUMS', '/packages/SHA256SUMS.sig'];
/** Leaves a trace if anything of a forged package runs. */
const payload = 'touch /run/owned';

describe.runIf(process.platform === 'linux' && process.getuid?.() === 0)('an installed host', () => {
  const stack = new AsyncDisposableStack();
  let folder: string;
  let hub: PlayedHub;
  let signer: SigningKey;
  let attacker: SigningKey;
  let older: Release;
  let first: Release;
  let next: Release;
  /** The next version by the attacker, signed with a key of their own. */
  let forged: Release;

  beforeAll(async () => {
    ({ folder } = stack.use(await makeFolder()));
    hub = stack.use(await playHub());
    [signer, attacker] = [await makeKey(folder, 'release'), await makeKey(folder, 'attacker')];
    older = await makeRelease(folder, { version: '1.9.0', signer });
    first = await makeRelease(folder, { version: '1.10.0', signer });
    next = await makeRelease(folder, { version: '2.0.0', signer });
    forged = await makeRelease(folder, { version: '2.0.0', signer: attacker, payload });
  });
  afterAll(() => stack.disposeAsync());

  const text = (release: Release, path: string) => release.get(path) as Buffer;
  const withFiles = (release: Release, files: Readonly<Record<string, Buffer>>): Release =>
    new Map([...release, ...Object.entries(files)]);
  const versionOn = async (host: Host) => (await host.shell('cat /opt/booner/current/VERSION')).stdout;
  const isOwned = async (host: Host) => (await host.shell('test -e /run/owned')).code === 0;
  const upgrade = (host: Host, args: string) => host.shell(`/opt/booner/current/upgrade ${args}`);
  /** Puts a release's installer on the host, out of the hub's reach, and runs it. */
  const install = async (host: Host, release: Release, args = '') => {
    const script = text(release, '/install.sh').toString('base64');
    await host.shell(`echo ${script} | base64 -d >install.sh`);
    return host.shell(`echo ${KEY} | sudo sh install.sh --hub ${hub.url} --key - ${args}`);
  };
  const installed = async (release: Release) => {
    hub.serve(release);
    const host = await startHost();
    const { code, stderr } = await install(host, release);
    expect(stderr).toBe('');
    expect(code).toBe(0);
    return host;
  };

  it('accepts only what its release key signed, whatever the hub serves', async () => {
    await using host = await installed(first);
    const otherSignature = await signatureOf(folder, text(forged, packagePath('2.0.0')), signer);
    const olderInDisguise = text(older, packagePath('1.9.0'));
    const attacks: Record<string, [Release, RegExp]> = {
      'a forged package with matching sums': [
        new Map([...forged].filter(([path]) => path !== SIGNATURE)),
        /the packages have no signature/,
      ],
      'a signature by another key': [forged, /not by a key that this installation trusts/],
      'the signature of the genuine sums': [
        withFiles(forged, { [SIGNATURE]: text(next, SIGNATURE) }),
        /not by a key that this installation trusts/,
      ],
      'the right key under another file': [
        withFiles(forged, { [SIGNATURE]: otherSignature }),
        /not by a key that this installation trusts/,
      ],
      'an empty signature': [
        withFiles(forged, { [SIGNATURE]: Buffer.alloc(0) }),
        /not by a key that this installation trusts/,
      ],
      'a forged package with the genuine sums and signature': [
        withFiles(next, { [packagePath('2.0.0')]: text(forged, packagePath('2.0.0')) }),
        /does not match its checksum/,
      ],
      'an older version under the name of the new one': [
        withFiles(older, { [packagePath('2.0.0')]: olderInDisguise }),
        /the hub does not serve booner-host-2\.0\.0/,
      ],
    };
    for (const [name, [files, reason]] of Object.entries(attacks)) {
      hub.serve(files);
      const { code, stderr } = await upgrade(host, '2.0.0');
      expect([name, code, stderr]).toEqual([name, 1, expect.stringMatching(reason)]);
      expect([name, await versionOn(host), await isOwned(host)]).toEqual([name, '1.10.0', false]);
    }
    expect((await host.shell('cat /var/lib/booner/upgrade.json')).stdout).toMatch(/"to":"2.0.0","ok":false/);
    // A genuine installer with the attacker's sums in it, as the attacker's own clone makes it.
    hub.serve(forged);
    const reinstalled = await install(host, forged);
    expect(reinstalled.stderr).toMatch(/not by a key that this installation trusts/);
    expect([await versionOn(host), await isOwned(host)]).toEqual(['1.10.0', false]);

    hub.serve(next);
    const { code, stdout } = await upgrade(host, '2.0.0');
    expect([code, stdout]).toEqual([
      0,
      expect.stringMatching(/signed with a key that this installation trusts/),
    ]);
    expect(await versionOn(host)).toBe('2.0.0');
  });

  it('refuses an older version, though it is signed, unless a person on the host allows it', async () => {
    await using host = await installed(first);
    hub.serve(older);
    const refused = await upgrade(host, '1.9.0');
    expect([refused.code, refused.stderr]).toEqual([
      1,
      expect.stringMatching(/version 1\.9\.0 is older than the installed version 1\.10\.0/),
    ]);
    expect((await install(host, older)).stderr).toMatch(/version 1\.9\.0 is older/);
    expect(await versionOn(host)).toBe('1.10.0');
    expect((await upgrade(host, '1.9.0 --allow-downgrade')).code).toBe(0);
    expect(await versionOn(host)).toBe('1.9.0');
  });

  it('is installed from an installer that is out of the reach of the hub, or not at all', async () => {
    await using host = await startHost();
    const renamed = withFiles(older, {
      [packagePath('2.0.0')]: text(older, packagePath('1.9.0')),
      [SUMS]: Buffer.from(
        `${sha256(text(older, packagePath('1.9.0')))}  ${packagePath('2.0.0').slice(10)}\n`,
      ),
    });
    for (const files of [forged, renamed, withFiles(forged, { [SIGNATURE]: text(next, SIGNATURE) })]) {
      hub.serve(files);
      const { code, stderr } = await install(host, next);
      expect([code, stderr]).toEqual([1, expect.stringMatching(/does not match its checksum/)]);
      expect([await isOwned(host), (await host.shell('ls /opt/booner')).stdout]).toEqual([false, '']);
    }
    hub.serve(next);
    expect((await install(host, next)).code).toBe(0);
    expect(await versionOn(host)).toBe('2.0.0');
  });

  it('moves to a new key with a package that the old key signed', async () => {
    await using host = await installed(first);
    const newKey = await makeKey(folder, 'new');
    hub.serve(await makeRelease(folder, { version: '2.0.0', signer, trusted: [newKey] }));
    expect((await upgrade(host, '2.0.0')).code).toBe(0);
    hub.serve(await makeRelease(folder, { version: '2.1.0', signer, payload }));
    expect((await upgrade(host, '2.1.0')).stderr).toMatch(/not by a key that this installation trusts/);
    hub.serve(await makeRelease(folder, { version: '2.1.0', signer: newKey }));
    expect((await upgrade(host, '2.1.0')).code).toBe(0);
    // A package without keys would end all verification.
    hub.serve(await makeRelease(folder, { version: '2.2.0', signer: newKey, trusted: [] }));
    expect((await upgrade(host, '2.2.0')).stderr).toMatch(/no release keys/);
    expect(await versionOn(host)).toBe('2.1.0');
  });

  it('may be installed and upgraded without signatures until it has a key', async () => {
    const unsigned = await makeRelease(folder, { version: '1.10.0', signer: null });
    hub.serve(unsigned);
    await using host = await startHost();
    const { code, stdout } = await install(host, unsigned);
    expect([code, stdout]).toEqual([0, expect.stringMatching(/note +these packages are not signed/)]);
    hub.serve(await makeRelease(folder, { version: '1.11.0', signer: null }));
    expect((await upgrade(host, '1.11.0')).code).toBe(0);
    hub.serve(next);
    expect((await upgrade(host, '2.0.0')).code).toBe(0);
    const later = await makeRelease(folder, { version: '2.1.0', signer: null });
    hub.serve(later);
    expect((await upgrade(host, '2.1.0')).stderr).toMatch(/the packages have no signature/);
    expect((await install(host, later)).stderr).toMatch(/the packages have no signature/);
    expect(await versionOn(host)).toBe('2.0.0');
  });

  it('can be upgraded from the hub only if that was asked for, with signed packages', async () => {
    const action = 'ls /etc/booner/actions.d';
    hub.serve(first);
    await using host = await startHost();
    expect((await install(host, first, '--remote-upgrade')).stderr).toMatch(/needs --enable-tasks/);
    expect((await install(host, first, '--enable-tasks --no-remote-upgrade')).code).toBe(0);
    expect((await host.shell(action)).stdout).toBe('');
    expect((await install(host, first, '--enable-tasks --remote-upgrade')).code).toBe(0);
    expect((await host.shell(action)).stdout).toBe('booner-upgrade.yaml');

    const unsigned = await makeRelease(folder, { version: '1.10.0', signer: null });
    hub.serve(unsigned);
    await using other = await startHost();
    const { stderr } = await install(other, unsigned, '--enable-tasks --remote-upgrade');
    expect(stderr).toMatch(/--remote-upgrade needs signed packages/);
    expect((await other.shell(action)).stdout).toBe('');
  });

  it('uses its key before it downloads packages, and never as an argument', async () => {
    const askedBefore = hub.asked.length;
    await using host = await installed(first);
    expect(hub.asked.slice(askedBefore).filter((path) => path !== '/healthz')).toEqual([
      '/enrol',
      packagePath('1.10.0'),
    ]);
    const journal = (await host.shell('cat /run/sudo.log')).stdout;
    expect(journal).toMatch(/^sh install\.sh --hub/);
    const seen = [...hub.processes].filter((args) => args.includes('install.sh'));
    expect(seen).not.toEqual([]);
    expect([journal, ...seen].filter((args) => args.includes(KEY))).toEqual([]);
  });

  it("is installed by the hub's line, which refuses another installer", async () => {
    const packages = join(folder, 'offered');
    await mkdir(packages);
    for (const [path, content] of first) await writeFile(join(packages, basename(path)), content);
    await using bed = await startEnrolledBed({ hubEnv: { BOONER_PACKAGES_DIR: packages } });
    const { command, installerSha256 } = await bed.add({ host: '127.0.0.2' });
    expect(installerSha256).toBe(sha256(text(first, '/install.sh')));
    await using host = await startHost();
    await writeFile(join(packages, 'install.sh'), payload);
    const refused = await host.shell(command);
    expect([refused.code, refused.stdout]).toEqual([1, 'booner-install.sh: FAILED']);
    expect(await isOwned(host)).toBe(false);
    await writeFile(join(packages, 'install.sh'), text(first, '/install.sh'));
    const { code, stderr } = await host.shell(command);
    expect([code, stderr]).toEqual([0, '']);
    expect((await host.shell('cat /etc/booner/agent.env')).stdout).toMatch(
      /REDIS_USERNAME="booner-agent-127/,
    );
    expect((await host.shell('cat /run/sudo.log')).stdout).not.toMatch(/bne_/);
    const password = await host.shell('cat /etc/booner/credentials/redis-agent-password');
    await bed.startAgent({
      HOST_ID: '127.0.0.2',
      REDIS_URL: bed.redis.url,
      AGENT_USERNAME: 'booner-agent-127.0.0.2',
      AGENT_PASSWORD: password.stdout,
    });
    await bed.untilStatus('127.0.0.2', 'active');
  });
});
