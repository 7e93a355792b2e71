import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import type { Credential } from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingLog } from '../testing/recording-log.ts';
import { putCredential } from '../testing/test-access.ts';
import type { AuditEvent } from './audit-log.ts';
import { createAuthenticationSetup } from './authentication-setup.ts';
import { CredentialRegistry } from './credential-registry.ts';
import { isMadeWithoutSignIn } from './principal.ts';

/** A path below a file, where no folder can be created. */
const NO_FOLDER = '/etc/hostname/no-folder';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-first-'));
});
afterEach(() => rm(directory, { recursive: true }));

type Options = {
  readonly stateDirectory?: string;
  readonly show?: ((text: string) => void) | null;
  readonly hasIdentityProvider?: boolean;
};

function start(
  bus: AccessBus,
  { stateDirectory = directory, show = null, hasIdentityProvider = false }: Options = {},
) {
  const { log, lines } = recordingLog();
  const accepts = (credential: Credential) => !isMadeWithoutSignIn(credential);
  const registry = new CredentialRegistry({ bus, accepts, log });
  const recorded: AuditEvent[] = [];
  const audit = { record: (event: AuditEvent) => void recorded.push(event) };
  const deps = { bus, registry, audit, stateDirectory, show, hasIdentityProvider, log };
  return { ...createAuthenticationSetup(deps), registry, lines, recorded };
}

/** Runs until the condition holds. */
async function run(bus: AccessBus, until: () => unknown, options: Options = {}) {
  const setup = start(bus, options);
  const stop = new AbortController();
  const running = setup.run({ signal: stop.signal });
  try {
    await eventually(until, { what: 'the first token' });
  } finally {
    stop.abort();
    await running;
  }
  return setup;
}
const path = () => join(directory, 'admin-token');
const firstOf = (bus: AccessBus) => [...bus.credentials()][0];

describe('the first admin token', () => {
  it('is written to a file that only this user can read, and to no log', async () => {
    await using bus = createMemoryBus().startAccess();
    const { lines } = await run(bus, async () => (await readdir(directory)).includes('admin-token'));
    const text = (await readFile(path(), 'utf8')).trim();
    expect(text).toMatch(/^bnr_[\w-]{43}$/);
    expect((await stat(path())).mode & 0o777).toBe(0o600);
    expect(firstOf(bus)).toMatchObject([
      hashSecret(text),
      { role: 'admin', kind: 'token', expiresAtMs: null },
    ]);
    expect(lines.map(({ text: line }) => line).join('\n')).toContain(path());
    expect(JSON.stringify(lines)).not.toContain(text);
    expect(await readdir(directory)).toEqual(['admin-token']);
  });

  it('replaces a link at its path, and does not write through it', async () => {
    await using bus = createMemoryBus().startAccess();
    const victim = join(directory, 'victim');
    await writeFile(victim, 'untouched');
    await symlink(victim, path());
    await run(bus, () => bus.credentials().size > 0 && stat(path()).then((file) => file.isFile()));
    await eventually(async () => (await readFile(path(), 'utf8')).startsWith('bnr_'), {
      deadlineMs: 2000,
      what: 'the file',
    });
    expect(await readFile(victim, 'utf8')).toBe('untouched');
  });

  it('is shown on a terminal, and then written nowhere', async () => {
    await using bus = createMemoryBus().startAccess();
    const shown: string[] = [];
    const { lines } = await run(bus, () => shown.length > 0, { show: (text) => shown.push(text) });
    const text = /bnr_[\w-]{43}/.exec(shown.join(''))?.[0] ?? '';
    expect(firstOf(bus)?.[0]).toBe(hashSecret(text));
    expect(await readdir(directory)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('is created by one of several hubs, and never again', async () => {
    const memory = createMemoryBus();
    await using bus = memory.startAccess();
    await using other = memory.startAccess();
    const shown: string[] = [];
    const show = (text: string) => void shown.push(text);
    await Promise.all([
      run(bus, () => shown.length > 0, { show }),
      run(other, () => shown.length > 0, { show }),
    ]);
    expect(shown).toHaveLength(1);
    await bus.removeCredentials([...bus.credentials().values()].map(({ id }) => id));
    let looked = 0;
    await run(bus, () => ++looked > 10, { show });
    expect(shown).toHaveLength(1);
    expect(bus.credentials().size).toBe(0);
  });

  it('is not created if it could not be delivered: nobody could sign in, so the hub does not start', async () => {
    await using bus = createMemoryBus().startAccess();
    const stop = new AbortController();
    const setup = start(bus, { stateDirectory: NO_FOLDER });
    for (const method of [setup.prepare, setup.run]) {
      await expect(method({ signal: stop.signal })).rejects.toMatchObject({
        code: 'cannot_start',
        message: expect.stringMatching(/BOONER_STATE_DIR.*\(ENOTDIR\).*--state-dir/s),
      });
    }
    expect(bus.credentials().size).toBe(0);
  });

  it('can wait if people can sign in at an identity provider: the log names the setting to change', async () => {
    await using bus = createMemoryBus().startAccess();
    const options = { stateDirectory: NO_FOLDER, hasIdentityProvider: true };
    const setup = start(bus, options);
    const stop = new AbortController();
    await setup.prepare({ signal: stop.signal });
    const running = setup.run({ signal: stop.signal });
    await eventually(() => setup.lines.length > 0, { what: 'the log line' });
    stop.abort();
    await running;
    expect(setup.lines[0]?.text).toContain('BOONER_STATE_DIR');
    expect(bus.credentials().size).toBe(0);
  });

  it('is not needed if there is a credential', async () => {
    await using bus = createMemoryBus().startAccess();
    await putCredential(bus, { role: 'admin' });
    const { prepare } = start(bus, { stateDirectory: NO_FOLDER });
    await prepare({ signal: new AbortController().signal });
    expect(bus.credentials().size).toBe(1);
  });
});

describe('a credential that was created while sign-in was not required', () => {
  it('is removed with its children, and reported; the first token replaces it', async () => {
    await using bus = createMemoryBus().startAccess();
    const backdoor = await putCredential(bus, { name: 'backdoor', role: 'admin', madeWithoutSignIn: true });
    const child = await putCredential(bus, { kind: 'session', parentId: backdoor.credential.id });
    // Created by an earlier hub, which did not store `madeWithoutSignIn`.
    const old = await putCredential(bus, { name: 'old', createdBy: 'anybody' });
    const shown: string[] = [];
    const { registry, lines, recorded } = start(bus);
    for (const { text } of [backdoor, child, old]) expect(registry.find(hashSecret(text))).toBeNull();
    expect([...registry.all()]).toEqual([]);
    const setup = await run(bus, () => shown.length > 0, { show: (text) => void shown.push(text) });
    expect([...bus.credentials().values()].map(({ name }) => name)).toEqual(['first admin']);
    expect(setup.lines[0]?.message).toContain('sign-in was not required');
    expect(JSON.stringify(setup.lines)).toContain('backdoor');
    expect(setup.recorded.map(({ target, detail }) => `${target} ${detail}`)).toEqual([
      `${backdoor.credential.id} token backdoor: created while sign-in was not required`,
      `${old.credential.id} token old: created while sign-in was not required`,
    ]);
    expect([lines, recorded]).toEqual([[], []]);
  });

  it('is removed without a first token if there is another credential', async () => {
    await using bus = createMemoryBus().startAccess();
    const { credential } = await putCredential(bus, {
      role: 'admin',
      createdBy: 'anybody',
      madeWithoutSignIn: false,
    });
    await putCredential(bus, { name: 'backdoor', madeWithoutSignIn: true });
    await run(bus, () => bus.credentials().size === 1, { stateDirectory: NO_FOLDER });
    expect([...bus.credentials().values()]).toEqual([credential]);
  });
});
