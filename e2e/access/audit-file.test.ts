import { mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { eventually, type HubProcess, startHub, WARNING_LEVEL } from '@booner/testkit';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { ask, makeToken } from './asking.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-audit-'));
});
afterAll(() => rm(directory, { recursive: true, force: true }));

const startWith = (file: string) => startHub({ auth: 'first', env: { BOONER_AUDIT_FILE: file } });
const linesOf = async (file: string): Promise<string[]> =>
  (await readFile(file, 'utf8').catch(() => '')).split('\n').slice(0, -1);
const entriesOf = async (file: string) => (await linesOf(file)).map((line) => JSON.parse(line));
const makeTokens = (hub: HubProcess, count: number) =>
  Promise.all(Array.from({ length: count }, (_, n) => makeToken(hub, { name: `ci ${n}`, role: 'viewer' })));
const metricOf = async (hub: HubProcess, name: string) => {
  const response = await hub.get('/metrics', { headers: { authorization: `Bearer ${hub.adminToken}` } });
  return new RegExp(`^${name} (\\d+)$`, 'm').exec(await response.text())?.[1];
};

describe.concurrent('a file for the audit log', () => {
  it('gets every entry in order, through a rotation and until the hub stops', async ({ expect }) => {
    const file = join(directory, 'audit.jsonl');
    await using hub = await startWith(file);
    await makeTokens(hub, 100);
    await rename(file, `${file}.1`);
    const between = await makeTokens(hub, 50); // into the old file, which is open
    process.kill(hub.pid, 'SIGHUP');
    await eventually(() => stat(file), { what: 'a new file' });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await makeTokens(hub, 100);
    const { json } = await ask(hub, 'GET', '/audit?limit=1000', { token: hub.adminToken });
    const last = await makeTokens(hub, 1);
    expect(await hub.stop()).toEqual({ code: 0, signal: null });

    const [old, current] = [await entriesOf(`${file}.1`), await entriesOf(file)];
    const shown = json.entries.map(({ id, ...entry }: Record<string, unknown>) => entry).reverse();
    expect([...old, ...current].slice(0, shown.length)).toEqual(shown);
    expect(old.length + current.length).toBe(251);
    expect(current.at(-1)).toMatchObject({ verb: 'token.create', target: last[0]?.id });
    const inOld = new Set(old.map(({ target }) => target));
    expect(between.filter(({ id }) => !inOld.has(id))).toEqual([]);
    for (const line of [...(await linesOf(file)), ...(await linesOf(`${file}.1`))]) {
      expect(line).not.toContain('bnr_');
    }
  });

  it('disturbs nothing while the disk is full, which the log and a metric show', async ({ expect }) => {
    await using hub = await startWith('/dev/full');
    await makeTokens(hub, 20);
    const warning = await eventually(() => hub.logs().find(({ msg }) => msg.startsWith('the audit file')), {
      what: 'a warning',
    });
    expect(warning).toMatchObject({
      level: WARNING_LEVEL,
      msg: 'the audit file cannot be written: entries wait in memory',
      reason: expect.stringMatching(/^BOONER_AUDIT_FILE: ENOSPC: no space left on device/),
    });
    expect(await metricOf(hub, 'booner_hub_audit_file_failing')).toBe('1');
    expect((await hub.get('/readyz')).status).toBe(200);
    const { json } = await ask(hub, 'GET', '/audit', { token: hub.adminToken });
    expect(json.entries).toHaveLength(20);
    expect(await hub.stop()).toEqual({ code: 0, signal: null });
    expect(hub.logs().map(({ msg }) => msg)).toContain(
      'the last audit entries could not be written to the audit file',
    );
  });

  it('gets what it missed once it can be written', async ({ expect }) => {
    const file = join(directory, 'missing', 'audit.jsonl');
    await using hub = await startWith(file);
    const made = await makeTokens(hub, 5);
    expect(await metricOf(hub, 'booner_hub_audit_file_failing')).toBe('1');
    const prepared = `${file}.prepared`.replace('missing', '');
    await writeFile(prepared, '{"cut":'); // by a crash
    await mkdir(join(directory, 'prepared'));
    await rename(prepared, join(directory, 'prepared', 'audit.jsonl'));
    await rename(join(directory, 'prepared'), join(directory, 'missing'));
    const lines = await eventually(
      async () => {
        const found = await linesOf(file);
        return found.length === 6 ? found : null;
      },
      { what: 'all entries' },
    );
    expect(lines[0]).toBe('{"cut":');
    const targets = lines.slice(1).map((line) => JSON.parse(line).target);
    expect(new Set(targets)).toEqual(new Set(made.map(({ id }) => id)));
    await eventually(async () => (await metricOf(hub, 'booner_hub_audit_file_failing')) === '0', {
      what: 'the recovery',
    });
    expect(await metricOf(hub, 'booner_hub_audit_file_lost_entries_total')).toBe('0');
  });
});

it('a hub without such a file survives SIGHUP', async ({ expect }) => {
  await using hub = await startHub();
  process.kill(hub.pid, 'SIGHUP');
  await hub.get('/targets');
  process.kill(hub.pid, 'SIGHUP');
  expect((await hub.get('/healthz')).status).toBe(200);
  expect(hub.hasExited()).toBe(false);
});
