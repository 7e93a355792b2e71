import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { DEFAULT_RETENTION, type History, startHistory } from '@booner/history';
import {
  historyStatsSchema,
  hostIdSchema,
  NOTHING_MEASURED,
  type Sample,
  type SeriesHistory,
  seriesHistorySchema,
} from '@booner/protocol';
import { eventually } from '@booner/testkit';
import { expect, it, onTestFinished } from 'vitest';
import { Fleet } from '../fleet/fleet.ts';
import { MAIN_SERVER } from '../fleet/main-server.ts';
import { metricsRoutes } from '../metrics/metrics-routes.ts';
import { recordingLog } from '../testing/recording-log.ts';
import { createTestApp } from '../testing/test-app.ts';
import { EVERYTHING, type Readable } from '../ws/readable.ts';
import { historyBackupRoutes } from './backup-routes.ts';
import { historyExportRoutes } from './export-routes.ts';
import { historyRoutes } from './history-routes.ts';
import { RecentHistory } from './recent-history.ts';
import { historyStatsRoutes } from './stats-routes.ts';
import { watchStore } from './watch-store.ts';

const HOST = hostIdSchema.parse('10.0.0.2');
const HOUR_MS = 3_600_000;
const SAMPLES = 2400;
const MOUNT = '/with a "quote", and a comma';

type BedOptions = {
  /** Samples of the target, the last one now. */
  readonly samples?: number;
  readonly minFreeBytes?: number;
  readonly readable?: Readable;
  readonly cores?: number;
};

/** The routes over a real store with two hours of a target, a sample each 3 s. */
async function startBed({
  samples = SAMPLES,
  minFreeBytes = 0,
  readable = EVERYTHING,
  cores = 1,
}: BedOptions = {}) {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { log } = recordingLog();
  const limits = { retention: DEFAULT_RETENTION, maxBytes: 2 ** 40, minFreeBytes };
  const store = startHistory({ directory, ...limits, log });
  const nowMs = Date.now();
  const fromMs = nowMs - samples * 3000;
  const fleet = new Fleet({ intervalMs: 3000, now: () => ({ monotonicMs: 1000, wallMs: nowMs }) });
  fleet.onCatchUp([], new Map());
  const sample = sampleOf(cores);
  fleet.onSample(sample, JSON.stringify(sample));
  const append = (host: string, atMs: number) =>
    store.append({ host, atMs, intervalMs: 3000, measurements: sample });
  for (let row = 0; row < samples; row++) append(HOST, fromMs + row * 3000);
  append(MAIN_SERVER, nowMs - 3000);
  const queries: number[] = [];
  const counted: Pick<History, 'query' | 'rank'> = {
    rank: store.rank,
    query: (request) => {
      queries.push(request.fromMs);
      return store.query(request);
    },
  };
  const deps = { fleet, readableOf: () => readable, nowMs: () => nowMs, log };
  const watch = watchStore(store, log);
  const app = createTestApp({
    routes: [
      ...historyRoutes({ ...deps, store: counted, recent: new RecentHistory({ nowWallMs: () => nowMs }) }),
      ...historyStatsRoutes({ ...deps, store }),
      ...historyExportRoutes({ ...deps, store: counted, retention: DEFAULT_RETENTION }),
      ...historyBackupRoutes({ ...deps, backups: { store, directory } }),
      ...metricsRoutes({ ...deps, metrics: watch.metrics }),
    ],
  });
  const ask = (path: string, init: RequestInit = {}) =>
    app.request(path, { ...init, headers: { host: 'localhost' } });
  return {
    store,
    directory,
    watch,
    ask,
    fromMs,
    nowMs,
    queries,
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  };
}

function sampleOf(cores: number): Sample {
  const use = { userRatio: 0.25, systemRatio: 0.25, iowaitRatio: 0, stealRatio: 0 };
  return {
    ...NOTHING_MEASURED,
    type: 'sample',
    host: HOST,
    instance: 'a',
    sequence: 1,
    sampledAtMs: 1,
    inventoryTakenAtMs: null,
    intervalMs: 3000,
    cpu: {
      usageRatio: 0.5,
      ...use,
      cores: Array.from({ length: cores }, () => ({ usageRatio: 0.5, ...use })),
    },
    fileSystems: [
      {
        mountPoint: MOUNT,
        device: '/dev/vda1',
        type: 'ext4',
        totalBytes: 2 ** 30,
        usedBytes: 2 ** 20,
        availableBytes: 2 ** 29,
        inodesTotal: 1000,
        inodesUsed: 10,
      },
    ],
  } as Sample;
}

const problemOf = async (response: Response) => {
  const { errors = [] } = (await response.json()) as { errors?: { pointer: string }[] };
  return [response.status, ...errors.map(({ pointer }) => pointer)];
};

it('shows its state over REST and as metrics, and warns while nothing is recorded', async () => {
  await using bed = await startBed({ samples: 0 });
  const answer = await bed.ask('/history/stats');
  const stats = historyStatsSchema.parse(await answer.json());
  expect(stats).toMatchObject({ recording: { state: 'recording' }, hosts: 1, minFreeBytes: 0 });
  const stop = new AbortController();
  const running = bed.watch.run(stop);
  const scrape = async () => (await bed.ask('/metrics')).text();
  await eventually(async () => (await scrape()).includes('booner_hub_history_recording 1'), {
    what: 'metrics of the history',
  });
  const names = (await scrape()).match(/^booner_hub_history_\w+/gm)?.sort();
  // The time of the last minute is there once one was stored.
  expect(names).toEqual(
    expect.arrayContaining([
      'booner_hub_history_bytes',
      'booner_hub_history_dropped_blocks_total',
      'booner_hub_history_dropped_samples_total',
      'booner_hub_history_free_disk_bytes',
      'booner_hub_history_recording',
    ]),
  );
  expect(bed.watch.warnings()).toEqual([]);
  stop.abort();
  await running;
});

it('exports every sample as CSV, each once and in the order of time', async () => {
  await using bed = await startBed();
  const answer = await bed.ask(`/history/export?host=${HOST}&range=2h&metrics=cpuUsageRatio,fileSystems`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
  expect(answer.headers.get('content-disposition')).toMatch(
    /^attachment; filename="booner-history-10\.0\.0\.2-\d{8}T\d{6}Z-\d{8}T\d{6}Z\.csv"$/,
  );
  const [head, ...lines] = (await answer.text()).split('\r\n');
  expect(head).toBe('time,metric,device,avg,min,max');
  expect(lines.pop()).toBe('');
  const times = (start: string) =>
    lines.filter((line) => line.includes(`Z,${start}`)).map((line) => Date.parse(line.slice(0, 24)));
  const expected = Array.from({ length: SAMPLES }, (_, row) => bed.fromMs + row * 3000);
  expect(times('cpuUsageRatio,,0.5,0.5,0.5')).toEqual(expected);
  const quoted = `fileSystemUsedBytes,"/with a ""quote"", and a comma",1048576,1048576,1048576`;
  expect(times(quoted)).toEqual(expected);
});

it('exports JSON as one array of windows, at the finest resolution that reaches back', async () => {
  await using bed = await startBed();
  const read = async (query: string) => {
    const answer = await bed.ask(`/history/export?host=${HOST}&format=json&metrics=cpu&${query}`);
    return seriesHistorySchema.array().parse(await answer.json()) as SeriesHistory[];
  };
  const windows = await read('range=2h');
  expect(windows.length).toBeGreaterThan(1);
  expect(new Set(windows.map(({ tier }) => tier))).toEqual(new Set(['raw']));
  expect(windows[0]?.fromMs).toBe(bed.nowMs - 2 * HOUR_MS);
  for (const [index, { fromMs }] of windows.slice(1).entries()) expect(fromMs).toBe(windows[index]?.toMs);
  const month = await read('range=30d');
  expect(new Set(month.map(({ tier, stepMs }) => `${tier} ${stepMs}`))).toEqual(new Set(['1m 60000']));
  const times = month.flatMap(({ timesMs }) => timesMs);
  expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
  const from = new Date(bed.fromMs + HOUR_MS).toISOString();
  const to = new Date(bed.fromMs + HOUR_MS + 60_000).toISOString();
  expect((await read(`from=${from}&to=${to}`)).flatMap(({ timesMs }) => timesMs)).toHaveLength(20);
});

it('reads for an export only as much as the client takes, and nothing after it has left', async () => {
  await using bed = await startBed({ samples: 400, cores: 250 });
  const answer = await bed.ask(`/history/export?host=${HOST}&range=20m&metrics=cores`);
  const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
  for (let part = 0; part < 3; part++) expect((await reader.read()).value?.length).toBeLessThan(4 * 2 ** 20);
  for (let turn = 0; turn < 10; turn++) await bed.store.stats(); // time to read on, if it would
  const taken = bed.queries.length;
  expect(taken).toBeLessThan(4);
  await reader.cancel();
  await bed.store.stats(); // whatever was asked for before has been answered
  expect(bed.queries).toHaveLength(taken);
});

it('sends one backup at a time, and leaves nothing behind', async () => {
  await using bed = await startBed();
  const left = async () => (await readdir(bed.directory)).filter((name) => name.includes('backup'));
  const first = await bed.ask('/history/backup');
  expect(first.headers.get('content-type')).toBe('application/vnd.sqlite3');
  expect(await left()).toEqual([]);
  expect((await bed.ask('/history/backup')).status).toBe(409);
  expect((await bed.ask('/history/backup', { method: 'HEAD' })).status).toBe(200);
  const bytes = new Uint8Array(await first.arrayBuffer());
  expect(String(bytes.byteLength)).toBe(first.headers.get('content-length'));
  const file = join(bed.directory, 'copy.db');
  await writeFile(file, bytes);
  const database = new DatabaseSync(file, { readOnly: true });
  expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
  expect(database.prepare('SELECT name FROM host ORDER BY 1').all()).toEqual([
    { name: HOST },
    { name: MAIN_SERVER },
  ]);
  database.close();
  const second = await bed.ask('/history/backup');
  await second.body?.cancel();
  const leaving = new AbortController();
  const third = await bed.ask('/history/backup', { signal: leaving.signal });
  expect([third.status, third.status === 200 ? '' : await third.text()]).toEqual([200, '']);
  leaving.abort();
  await eventually(
    async () => {
      const third = await bed.ask('/history/backup');
      await third.body?.cancel();
      return third.status === 200;
    },
    { what: 'the next backup' },
  );
});

it('writes no backup where there is no room for it', async () => {
  await using bed = await startBed({ samples: 0, minFreeBytes: 2 ** 52 });
  const answer = await bed.ask('/history/backup');
  expect(answer.status).toBe(507);
  expect(await answer.json()).toMatchObject({ detail: expect.stringMatching(/BOONER_HISTORY_MIN_FREE/) });
  expect(await readdir(bed.directory)).not.toContainEqual(expect.stringMatching(/backup/));
});

it('shows a credential with a read scope nothing of the whole fleet', async () => {
  await using bed = await startBed({ samples: 0, readable: { key: 'role=db', has: () => false } });
  for (const path of ['/history/stats', '/history/backup', '/history/export'])
    expect([path, (await bed.ask(path)).status]).toEqual([path, 403]);
  expect((await bed.ask(`/history/export?host=${HOST}`)).status).toBe(404);
});

it('refuses invalid and excessive queries, and names the parameter', async () => {
  await using bed = await startBed({ samples: 20, cores: 200 });
  const series = async (query: string) => problemOf(await bed.ask(`/targets/${HOST}/history?${query}`));
  expect(await series('points=0')).toEqual([400, '/points']);
  expect(await series('from=2026-02-01T00:00:00Z&to=2026-01-01T00:00:00Z')).toEqual([400, '/from']);
  expect(await series('metrics=cpu,entropy')).toEqual([400, '/metrics']);
  const many = Array.from({ length: 1000 }, (_, index) => `metric${index}`).join();
  expect(await series(`metrics=${many}`)).toEqual([400, '/metrics']);
  expect(await series('metrics=cores&range=3h&points=2000')).toEqual([400, '/metrics']);
  expect(await series('metrics=cores&range=3h&points=200')).toEqual([200]);
});

it('lets a bounded number of requests wait, and tells the others when to return', async () => {
  await using bed = await startBed({ samples: 0 });
  const answers = await Promise.all(Array.from({ length: 400 }, () => bed.ask('/history/stats')));
  const refused = answers.filter(({ status }) => status === 503);
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(400 - refused.length);
  expect(refused.length).toBeGreaterThan(0);
  expect(refused[0]?.headers.get('retry-after')).toBe('5');
});

it('says that it keeps what is old, after a start with a clock that may be wrong', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  const { log, lines } = recordingLog();
  const options = { directory, retention: DEFAULT_RETENTION, maxBytes: 2 ** 40, minFreeBytes: 0, log };
  const atMs = Date.now() - 72 * HOUR_MS;
  {
    await using before = startHistory(options);
    before.append({ host: HOST, atMs, intervalMs: 3000, measurements: sampleOf(1) });
  }
  expect(lines).toEqual([]);
  await using after = startHistory(options);
  expect((await after.stats()).oldestMs.raw).toBeGreaterThan(atMs - 60_000);
  expect(lines).toMatchObject([
    { level: 'info', message: expect.stringMatching(/^no old history is deleted for 24 h/) },
  ]);
});
