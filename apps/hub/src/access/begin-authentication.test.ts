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
import { createBeginAuthentication } from './begin-authentication.ts';
import { CredentialRegistry } from './credential-registry.ts';
import { isMadeWithoutSignIn } from './principal.ts';

/** Below a file. */
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

function begin(
  bus: AccessBus,
  { stateDirectory = directory, show = null, hasIdentityProvider = false }: Options = {},
) {
  const { log, lines } = recordingLog();
  const accepts = (credential: Credential) => !isMadeWithoutSignIn(credential);
  const registry = new CredentialRegistry({ bus, accepts, log });
  const recorded: AuditEvent[] = [];
  const audit = { record: (deed: AuditEvent) => void recorded.push(deed) };
  const deps = { bus, registry, audit, stateDirectory, show, hasIdentityProvider, log };
  return { ...createBeginAuthentication(deps), registry, lines, recorded };
}

/** Runs until the condition holds. */
async function run(bus: AccessBus, until: () => unknown, options: Options = {}) {
  const beginning = begin(bus, options);
  const stop = new AbortController();
  const running = beginning.run({ signal: stop.signal });
  try {
    await eventually(until, { deadlineMs: 5000, what: 'the first token' });
  } finally {
    stop.abort();
    await running;
  }
  return beginning;
}
const path = () => join(directory, 'admin-token');
const firstOf = (bus: AccessBus) => [...bus.credentials()][0];

describe('the first admin token', () => {
  it('lies in a file of this user alone, and in no log', async () => {
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

  it('replaces what lies at its place, and writes through no link', async () => {
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

  it('is shown to whoever watches, and then lies nowhere', async () => {
    await using bus = createMemoryBus().startAccess();
    const shown: string[] = [];
    const { lines } = await run(bus, () => shown.length > 0, { show: (text) => shown.push(text) });
    const text = /bnr_[\w-]{43}/.exec(shown.join(''))?.[0] ?? '';
    expect(firstOf(bus)?.[0]).toBe(hashSecret(text));
    expect(await readdir(directory)).toEqual([]);
    expect(lines).toEqual([]);
  });

  it('is made by one of several hubs, and never again', async () => {
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

  it('is not made where it could not be handed over: nobody could sign in, so the hub does not start', async () => {
    await using bus = createMemoryBus().startAccess();
    const stop = new AbortController();
    const { prepare, run: goOn } = begin(bus, { stateDirectory: NO_FOLDER });
    for (const method of [prepare, goOn]) {
      await expect(method({ signal: stop.signal })).rejects.toMatchObject({
        code: 'cannot_start',
        message: expect.stringMatching(/BOONER_STATE_DIR.*\(ENOTDIR\).*--state-dir/s),
      });
    }
    expect(bus.credentials().size).toBe(0);
  });

  it('may wait where people can sign in at an identity provider: the log says what to change', async () => {
    await using bus = createMemoryBus().startAccess();
    const options = { stateDirectory: NO_FOLDER, hasIdentityProvider: true };
    const beginning = begin(bus, options);
    const stop = new AbortController();
    await beginning.prepare({ signal: stop.signal });
    const running = beginning.run({ signal: stop.signal });
    await eventually(() => beginning.lines.length > 0, { deadlineMs: 5000, what: 'the fault' });
    stop.abort();
    await running;
    expect(beginning.lines[0]?.text).toContain('BOONER_STATE_DIR');
    expect(bus.credentials().size).toBe(0);
  });

  it('is not needed where somebody has a credential', async () => {
    await using bus = createMemoryBus().startAccess();
    await putCredential(bus, { role: 'admin' });
    const { prepare } = begin(bus, { stateDirectory: NO_FOLDER });
    await prepare({ signal: new AbortController().signal });
    expect(bus.credentials().size).toBe(1);
  });
});

describe('what was made while nobody had to sign in', () => {
  it('is removed with all that lives with it, and said; the first token comes in its place', async () => {
    await using bus = createMemoryBus().startAccess();
    const backdoor = await putCredential(bus, { name: 'backdoor', role: 'admin', madeWithoutSignIn: true });
    const child = await putCredential(bus, { kind: 'session', parentId: backdoor.credential.id });
    const old = await putCredential(bus, { name: 'old', createdBy: 'anybody' }); // by a hub that stored no mark
    const shown: string[] = [];
    const { registry, lines, recorded } = begin(bus);
    for (const { text } of [backdoor, child, old]) expect(registry.find(hashSecret(text))).toBeNull();
    expect([...registry.all()]).toEqual([]);
    const beginning = await run(bus, () => shown.length > 0, { show: (text) => void shown.push(text) });
    expect([...bus.credentials().values()].map(({ name }) => name)).toEqual(['first admin']);
    expect(beginning.lines[0]?.message).toContain('nobody had to sign in');
    expect(JSON.stringify(beginning.lines)).toContain('backdoor');
    expect(beginning.recorded.map(({ target, detail }) => `${target} ${detail}`)).toEqual([
      `${backdoor.credential.id} token backdoor: made while nobody had to sign in`,
      `${old.credential.id} token old: made while nobody had to sign in`,
    ]);
    expect([lines, recorded]).toEqual([[], []]);
  });

  it('is removed alone where there is anything else', async () => {
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
