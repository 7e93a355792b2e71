import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DEFAULT_RETENTION, startHistory } from '@booner/history';
import { type HistoryStats, NOTHING_MEASURED, type SeriesHistory } from '@booner/protocol';
import { eventually, type HubProcess, openStatusClient, startHub } from '@booner/testkit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Booner, boonerFor } from '../cli/booner.ts';

const HOST = '127.0.0.1';
const HOUR_MS = 3_600_000;
const YEAR_MS = 365 * 24 * HOUR_MS;

const stack = new AsyncDisposableStack();
let directory: string;
let hub: HubProcess;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  stack.defer(() => rm(directory, { recursive: true, force: true }));
  await recordYear();
  hub = stack.use(await startHub({ env: { BOONER_HISTORY_DIR: directory } }));
  await eventually(async () => (await cpu('range=2m&points=40')).length > 1, { what: 'recorded samples' });
});
afterAll(() => stack.disposeAsync());

/** Records a sample every other day, as a hub would have done over a year. */
async function recordYear(): Promise<void> {
  const silent = { info: () => {}, warn: () => {}, error: () => {} } as never;
  const limits = { retention: DEFAULT_RETENTION, maxBytes: 2 ** 40, minFreeBytes: 0 };
  await using store = startHistory({ directory, ...limits, log: silent });
  const use = { userRatio: 0.25, systemRatio: 0.25, iowaitRatio: 0, stealRatio: 0, cores: [] };
  const measurements = { ...NOTHING_MEASURED, cpu: { usageRatio: 0.5, ...use } };
  const nowMs = Date.now();
  for (let atMs = nowMs - YEAR_MS + HOUR_MS; atMs < nowMs - HOUR_MS; atMs += 48 * HOUR_MS)
    store.append({ host: HOST, atMs, intervalMs: 3000, measurements });
  await store.stats();
}

/** Times and values of the CPU use of this machine, without gaps. */
async function cpu(query: string): Promise<(readonly [atMs: number, value: number])[]> {
  const answer = await hub.get(`/targets/${HOST}/history?metrics=cpuUsageRatio&${query}`);
  if (answer.status !== 200) throw new Error(`${answer.status}: ${await answer.text()}`);
  const { timesMs, series } = (await answer.json()) as SeriesHistory;
  return timesMs.flatMap((atMs, row) => {
    const value = series[0]?.avg[row] ?? null;
    return value === null ? [] : [[atMs, value] as const];
  });
}

const stats = async (of: HubProcess = hub) => (await (await of.get('/history/stats')).json()) as HistoryStats;

it('serves many clients that read a year at once, while live streams go on', async () => {
  using client = await openStatusClient(hub.url, { version: 2 });
  await eventually(() => client.received.length > 0, { what: 'a first frame' });
  const before = client.received.length;
  const path = `/targets/${HOST}/history?range=1y`;
  const answers = await Promise.all(Array.from({ length: 100 }, () => hub.get(path)));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  const lengths = await Promise.all(answers.map(async (answer) => (await answer.text()).length));
  expect(Math.min(...lengths)).toBeGreaterThan(10_000);
  await eventually(() => client.received.length > before + 1, { what: 'further frames' });
  expect(client.isOpen()).toBe(true);
});

it('shows its history in a terminal, ranks it, checks it, and backs it up', async () => {
  await using booner = await boonerFor(hub.url);
  const chart = await booner.run(['history', HOST, '--range', '1y'], { env: { COLUMNS: '100' } });
  expect(chart).toMatchObject({ code: 0, stderr: '' });
  expect(chart.stdout).toMatch(/^127\.0\.0\.1 .* to .*, points of 4 d$/m);
  expect(chart.stdout).toMatch(/^ +50\.0 % ┤[▁▂▃▄▅▆▇█░ ]*[█░▇]/m);
  expect(chart.stdout).toMatch(/^cpuUsageRatio +\d+\.\d % +\d+\.\d % +\d+\.\d % +\d+\.\d %$/m);
  const csv = await booner.run(['history', HOST, '--metric', 'cpuUsageRatio', '--range', '1y', '--csv']);
  expect(csv.stdout).toMatch(
    /^time,metric,device,avg,min,max\r\n(?:[\dT:.Z-]+,cpuUsageRatio,,[\d.,]+\r\n){150,}$/,
  );
  const top = await booner.run(['top', '--metric', 'cpu', '--range', '1y', '--by', 'max']);
  expect(top.stdout).toMatch(/^127\.0\.0\.1 +\d+\.\d % +\d+\.\d %$/m);
  expect((await booner.run(['history', 'stats'])).stdout).toMatch(/^recording +yes$/m);
  await checkBackup(booner);
  expect(await checkedBy(booner)).toMatchObject([
    { detail: expect.stringMatching(/^(the history is recorded|.* of disk are free)/) },
  ]);
});

/** Returns what `booner doctor` finds about the history. */
async function checkedBy(booner: Booner): Promise<object[]> {
  const args = ['doctor', '--redis-url', 'redis://127.0.0.1:1']; // so that it finds a problem for sure
  const { findings } = await booner.json<{ findings: { check: string }[] }>(args, { code: 6 });
  return findings.filter(({ check }) => check === 'hub.history');
}

async function checkBackup(booner: Booner): Promise<void> {
  const file = join(booner.configDirectory, 'backup.db');
  expect(await booner.run(['history', 'backup', file])).toMatchObject({ code: 0, stdout: '' });
  const header = (await readFile(file)).subarray(0, 15).toString();
  expect(header).toBe('SQLite format 3');
  const again = await booner.run(['history', 'backup', file]);
  expect(again).toMatchObject({ code: 2, stderr: expect.stringMatching(/exists\n/) });
  expect((await readdir(booner.configDirectory)).filter((name) => name.includes('part'))).toEqual([]);
  expect((await readdir(directory)).filter((name) => name.includes('backup'))).toEqual([]);
}

it('has the minutes that were stored before it was killed', async () => {
  const before = (await cpu('range=10m&points=2000')).map(([atMs]) => atMs);
  const backup = await hub.get('/history/backup'); // stores the minute that is not over, too
  await backup.arrayBuffer();
  await hub.kill('SIGKILL');
  await writeFile(join(directory, 'history.backup-left.db'), 'of a hub that was killed');
  await hub.restart();
  const after = (await cpu(`from=${before[0]}&to=${Date.now()}&points=2000`)).map(([atMs]) => atMs);
  expect(after).toEqual(expect.arrayContaining(before));
  expect((await cpu('range=1y&points=2000')).length).toBeGreaterThan(150);
  expect(await readdir(directory)).not.toContain('history.backup-left.db');
});

it('sets a damaged history aside, begins a new one, and serves meanwhile', async () => {
  await hub.stop();
  for (const suffix of ['-wal', '-shm']) await rm(join(directory, `history.db${suffix}`), { force: true });
  await writeFile(join(directory, 'history.db'), 'this is not a database'.repeat(1000));
  await hub.restart();
  await eventually(() => hub.logs().some(({ msg }) => msg.startsWith('the history is damaged')), {
    what: 'a line about the damage',
  });
  expect(await readdir(directory)).toContainEqual(expect.stringMatching(/^history\.damaged-.*\.db$/));
  expect((await stats()).recording).toEqual({ state: 'recording' });
  expect((await hub.get('/readyz')).status).toBe(200);
  await eventually(async () => (await cpu('range=2m&points=40')).length > 0, { what: 'samples' });
});

it('does not record while another hub uses its folder, and says so', async () => {
  await using second = await startHub({ env: { BOONER_HISTORY_DIR: directory } });
  expect((await stats(second)).recording).toMatchObject({
    state: 'stopped',
    reason: expect.stringMatching(/another hub uses .*: set BOONER_HISTORY_DIR/),
  });
  const ready = await eventually(
    async () => {
      const answer = await second.get('/readyz');
      const body = (await answer.json()) as { ready: boolean; warnings: string[] };
      return answer.ok && body.warnings.length > 0 ? body : null;
    },
    { what: 'a hub that is ready, with a warning' },
  );
  expect(ready.warnings).toEqual([expect.stringMatching(/^the history is not recorded/)]);
  expect(second.logs()).toContainEqual(expect.objectContaining({ msg: 'the history is not recorded' }));
  await using booner = await boonerFor(second.url);
  expect(await checkedBy(booner)).toMatchObject([
    { status: 'fail', mend: 'set BOONER_HISTORY_DIR of one of the hubs to another folder' },
  ]);
  expect(await (await second.get('/metrics')).text()).toMatch(/^booner_hub_history_recording 0$/m);
  expect((await second.get(`/targets/${HOST}/history?range=1d`)).status).toBe(503);
  expect((await stats()).recording).toEqual({ state: 'recording' });
});
