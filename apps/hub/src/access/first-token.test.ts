import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AccessBus } from '@booner/bus';
import { createMemoryBus } from '@booner/bus/memory';
import { hashSecret } from '@booner/bus/secrets';
import { eventually } from '@booner/testkit';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { recordingLog } from '../tasks/recording-log.ts';
import { makeFirstToken } from './first-token.ts';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-first-'));
});
afterEach(() => rm(directory, { recursive: true }));

/** Runs until the condition holds. */
async function run(
  bus: AccessBus,
  until: () => unknown,
  { stateDirectory = directory, show = null as ((text: string) => void) | null } = {},
) {
  const { log, lines } = recordingLog();
  const stop = new AbortController();
  const running = makeFirstToken({ bus, stateDirectory, show, log }, { signal: stop.signal });
  try {
    await eventually(until, { deadlineMs: 5000, what: 'the first token' });
  } finally {
    stop.abort();
    await running;
  }
  return lines;
}
const path = () => join(directory, 'admin-token');
const firstOf = (bus: AccessBus) => [...bus.credentials()][0];

describe('the first admin token', () => {
  it('lies in a file of this user alone, and in no log', async () => {
    await using bus = createMemoryBus().startAccess();
    const lines = await run(bus, async () => (await readdir(directory)).includes('admin-token'));
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
    const lines = await run(bus, () => shown.length > 0, { show: (text) => shown.push(text) });
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

  it('is not made where it could not be handed over: the log says how to mend that', async () => {
    await using bus = createMemoryBus().startAccess();
    const { log, lines } = recordingLog();
    const stop = new AbortController();
    const stateDirectory = '/etc/hostname/no-folder'; // below a file
    const running = makeFirstToken({ bus, stateDirectory, show: null, log }, { signal: stop.signal });
    await eventually(() => lines.length > 0, { deadlineMs: 5000, what: 'the fault' });
    stop.abort();
    await running;
    expect(lines[0]?.message).toContain('BOONER_STATE_DIR');
    expect(bus.credentials().size).toBe(0);
  });
});
