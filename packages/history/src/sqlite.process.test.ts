import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdtemp, open, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { DatabaseSync } from 'node:sqlite';
import type { Measurements, RecordingState, SeriesHistory } from '@booner/protocol';
import { expect, it, onTestFinished } from 'vitest';
import { HistoryError } from './history-error.ts';
import { createHistory } from './memory-history.ts';
import { openSqliteBlocks } from './open-sqlite-blocks.ts';
import { type BedOptions, describeHistory } from './testing/history-contract.ts';
import { mount, sampleOf } from './testing/samples.ts';
import { DEFAULT_RETENTION } from './tiers.ts';

const HOST = '10.0.0.2';
const MINUTE_MS = 60_000;
const MEBIBYTE = 2 ** 20;
const START_MS = Math.floor(Date.UTC(2026, 5, 1) / MINUTE_MS) * MINUTE_MS;
/** Raise it for a long run. */
const KILLS = Number(process.env.BOONER_TEST_KILLS ?? 30);

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  onTestFinished(() => rm(directory, { recursive: true, force: true }));
  return directory;
}

function startHistory(directory: string, options: BedOptions) {
  const states: RecordingState[] = [];
  const damaged: string[] = [];
  const history = createHistory({
    open: () => openSqliteBlocks(directory, { onDamage: (file) => damaged.push(file) }),
    retention: DEFAULT_RETENTION,
    maxBytes: Number.POSITIVE_INFINITY,
    minFreeBytes: 0,
    monotonicMs: options.nowMs,
    onClockDoubt: () => {},
    onRecording: (state) => states.push(state),
    ...options,
  });
  return { history, states, damaged };
}

describeHistory('a history in SQLite', async (options) => {
  const directory = await mkdtemp(join(tmpdir(), 'booner-history-'));
  let { history } = startHistory(directory, options);
  return {
    get history() {
      return history;
    },
    async restart({ isGraceful = false } = {}) {
      if (isGraceful) await history[Symbol.asyncDispose]();
      else {
        // What a killed process leaves: the files of this moment, and no lock.
        const copy = await mkdtemp(join(tmpdir(), 'booner-history-'));
        await cp(directory, copy, { recursive: true });
        await history[Symbol.asyncDispose]();
        await rm(directory, { recursive: true });
        await cp(copy, directory, { recursive: true });
        await rm(copy, { recursive: true });
      }
      history = startHistory(directory, options).history;
    },
    async [Symbol.asyncDispose]() {
      await history[Symbol.asyncDispose]();
      await rm(directory, { recursive: true });
    },
  };
});

/** A history with a clock that samples move. */
async function startBed(options: Partial<BedOptions> & { readonly directory?: string } = {}) {
  const { directory = await temporaryDirectory(), ...others } = options;
  const clock = { nowMs: START_MS };
  const bed = startHistory(directory, { nowMs: () => clock.nowMs, ...others });
  const record = async (minutes: number) => {
    for (const endMs = clock.nowMs + minutes * MINUTE_MS; clock.nowMs < endMs; clock.nowMs += 3000) {
      bed.history.append({
        host: HOST,
        atMs: clock.nowMs,
        intervalMs: 3000,
        measurements: sampleOf(0.5),
      });
      if (clock.nowMs % MINUTE_MS === 0) await bed.history.stats();
    }
    await bed.history.stats();
  };
  const minutes = async () => {
    const bytes = await bed.history.query({
      shownAs: null,
      host: HOST,
      fromMs: START_MS,
      toMs: clock.nowMs + MINUTE_MS,
      points: 2000,
      metrics: ['cpuUsageRatio'],
    });
    const answer = JSON.parse(new TextDecoder().decode(bytes)) as SeriesHistory;
    const cpu = answer.series[0]?.avg ?? [];
    const known = answer.timesMs.filter((_, row) => cpu[row] !== null);
    return [...new Set(known.map((atMs) => (atMs - START_MS - (atMs % MINUTE_MS)) / MINUTE_MS))];
  };
  return {
    ...bed,
    directory,
    clock,
    record,
    minutes,
    [Symbol.asyncDispose]: () => bed.history[Symbol.asyncDispose](),
  };
}

it('shows an operator with sqlite3 what is in it', async () => {
  await using bed = await startBed();
  await bed.record(130);
  using database = disposable(new DatabaseSync(join(bed.directory, 'history.db'), { readOnly: true }));
  expect(
    database
      .prepare(
        'SELECT name, tier, count(*) AS blocks FROM block JOIN host ON host.id = block.host GROUP BY 1, 2',
      )
      .all(),
  ).toEqual([
    { name: HOST, tier: 0, blocks: expect.closeTo(130, -1) },
    { name: HOST, tier: 1, blocks: 13 },
    { name: HOST, tier: 2, blocks: 2 },
  ]);
  expect(database.prepare('SELECT samples, cpuUsageRatio_avg AS cpu FROM hourly').all()).toEqual([
    { samples: 1200, cpu: 0.5 },
    { samples: 1200, cpu: 0.5 },
  ]);
});

it('sets a damaged file aside, says so, and begins a new one', async () => {
  for (const damage of [
    (file: string) =>
      writeFile(file, 'not a database at all, but long enough to have a header of SQLite'.repeat(50)),
    (file: string) => truncate(file, 20_000),
  ]) {
    const directory = await temporaryDirectory();
    {
      await using before = await startBed({ directory });
      await before.record(30);
    }
    await damage(join(directory, 'history.db'));
    await using bed = await startBed({ directory });
    await bed.record(3);
    await bed.record(3);
    expect(bed.damaged).toHaveLength(1);
    expect(await readdir(directory)).toContainEqual(expect.stringMatching(/^history\.damaged-.*\.db$/));
    expect((await bed.history.stats()).recording).toEqual({ state: 'recording' });
    expect(await bed.minutes()).toContain(5);
  }
});

it('skips a block whose bytes were changed, and reads the others', async () => {
  await using bed = await startBed();
  await bed.record(5);
  {
    using database = disposable(new DatabaseSync(join(bed.directory, 'history.db')));
    const update = database.prepare('UPDATE block SET data = ? WHERE start_ms = ? AND tier = 0');
    update.run(new Uint8Array([1, 2, 3]), START_MS + MINUTE_MS);
  }
  expect(await bed.minutes()).toEqual([0, 2, 3, 4]);
});

it('keeps a second hub out of its folder, and says what to do', async () => {
  await using first = await startBed();
  await first.record(2);
  await using second = await startBed({ directory: first.directory });
  expect((await second.history.stats()).recording).toMatchObject({
    state: 'stopped',
    reason: expect.stringMatching(/another hub uses .*: set BOONER_HISTORY_DIR/),
  });
  await expect(second.minutes()).rejects.toThrow(HistoryError);
  await first[Symbol.asyncDispose]();
  second.clock.nowMs += 20_000;
  await second.record(1);
  expect((await second.history.stats()).recording).toEqual({ state: 'recording' });
});

it('refuses a file of a newer version, and leaves it as it is', async () => {
  const directory = await temporaryDirectory();
  {
    await using bed = await startBed({ directory });
    await bed.record(3);
  }
  {
    using database = disposable(new DatabaseSync(join(directory, 'history.db')));
    database.exec('PRAGMA user_version = 99');
  }
  await using bed = await startBed({ directory });
  await bed.record(2);
  expect(bed.states).toMatchObject([
    { state: 'stopped', reason: expect.stringMatching(/newer version.*format 99/) },
  ]);
  expect(bed.damaged).toEqual([]);
  using database = disposable(new DatabaseSync(join(directory, 'history.db')));
  expect(database.prepare('SELECT count(*) AS blocks FROM block WHERE tier = 0').get()).toEqual({
    blocks: 3,
  });
});

it('stops below the minimum of free space, keeps what is stored, and goes on by itself', async () => {
  const directory = await temporaryDirectory();
  await mountTmpfs(directory, '8m');
  await using bed = await startBed({ directory, minFreeBytes: 4 * MEBIBYTE });
  await bed.record(3);
  const filler = join(directory, 'filler');
  await writeFile(filler, Buffer.alloc(6 * MEBIBYTE));
  await bed.record(2);
  expect((await bed.history.stats()).recording).toMatchObject({
    state: 'stopped',
    reason: expect.stringMatching(/has \d MiB free, less than the minimum of 4 MiB .BOONER_HISTORY_MIN_FREE/),
  });
  expect(await bed.minutes()).toEqual(expect.arrayContaining([0, 1, 2]));
  await bed.history.backup(join(await temporaryDirectory(), 'history.db')); // loses nothing that waits
  await rm(filler);
  await bed.record(2);
  expect((await bed.history.stats()).recording).toEqual({ state: 'recording' });
  expect(await bed.minutes()).toEqual([0, 1, 2, 3, 4, 5, 6]);
});

it('forgets hosts and lists of devices that nothing refers to any more', async () => {
  const HOUR_MS = 60 * MINUTE_MS;
  const retention = {
    raw: 20 * MINUTE_MS,
    '10s': 2 * HOUR_MS,
    '1m': 24 * HOUR_MS,
    '10m': 192 * HOUR_MS,
    '1h': 192 * HOUR_MS,
  };
  await using bed = await startBed({ retention });
  const receive = async (host: string, measurements: Measurements, minutes: number) => {
    for (let minute = 0; minute < minutes; minute++, bed.clock.nowMs += MINUTE_MS) {
      bed.history.append({ host, atMs: bed.clock.nowMs, intervalMs: 3000, measurements });
      await bed.history.stats();
    }
  };
  const rows = () => {
    using database = disposable(new DatabaseSync(join(bed.directory, 'history.db'), { readOnly: true }));
    return database
      .prepare(
        'SELECT (SELECT group_concat(name) FROM host) AS hosts, (SELECT count(*) FROM layout) AS layouts',
      )
      .get();
  };
  await receive(HOST, sampleOf(0.5, { fileSystems: [mount('/left', 4096)] }), 3);
  bed.history.annotate(HOST, { atMs: START_MS, untilMs: null, kind: 'offline', text: '', taskId: null });
  bed.clock.nowMs += 10 * 24 * HOUR_MS;
  await receive('10.0.0.3', sampleOf(0.5), 3);
  expect(rows()).toEqual({ hosts: `${HOST},10.0.0.3`, layouts: expect.any(Number) });
  bed.clock.nowMs += 5 * 24 * HOUR_MS;
  await receive('10.0.0.3', sampleOf(0.5), 3);
  expect((await bed.history.stats()).hosts).toBe(1);
  expect(rows()).toEqual({ hosts: '10.0.0.3', layouts: 1 });
});

it('writes a copy while it records', async () => {
  await using bed = await startBed();
  await bed.record(5);
  const copy = await temporaryDirectory();
  await bed.history.backup(join(copy, 'history.db'));
  await using restored = await startBed({ directory: copy });
  restored.clock.nowMs = bed.clock.nowMs;
  expect(await restored.minutes()).toEqual([0, 1, 2, 3, 4]);
});

it(`opens after each of ${KILLS} kills, and misses nothing that was committed`, async () => {
  const directory = await temporaryDirectory();
  let lastMinute = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(
      process.execPath,
      [join(import.meta.dirname, 'testing/writing-process.ts'), directory, String(lastMinute + 1)],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    const lines = createInterface(child.stdout);
    lines.on('line', (line) => {
      lastMinute = Number(line);
    });
    await once(lines, 'line');
    setTimeout(() => child.kill('SIGKILL'), Math.random() * 40);
    await once(child, 'close');
    using database = disposable(new DatabaseSync(join(directory, 'history.db')));
    expect(database.prepare('PRAGMA integrity_check').get()).toEqual({ integrity_check: 'ok' });
    const { last } = database.prepare('SELECT max(start_ms) AS last FROM block WHERE tier = 0').get() as {
      last: number;
    };
    expect(last / MINUTE_MS).toBeGreaterThanOrEqual(lastMinute);
  }
  await using bed = await startBed({ directory });
  bed.clock.nowMs = (lastMinute + 2) * MINUTE_MS;
  await bed.history.stats();
  using database = disposable(new DatabaseSync(join(directory, 'history.db')));
  const tenMinutes = database.prepare('SELECT count(*) AS blocks FROM block WHERE tier = 1').get();
  expect(tenMinutes).toEqual({ blocks: 2 * Math.floor((lastMinute + 2) / 10) });
});

it('does not start on a read-only file system, and begins when it can write', async () => {
  const directory = await temporaryDirectory();
  await mountTmpfs(directory, '8m', 'ro');
  await using bed = await startBed({ directory });
  await bed.record(2);
  expect((await bed.history.stats()).recording).toMatchObject({ state: 'stopped' });
  await runMount('-o', 'remount,rw', directory);
  await bed.record(3);
  expect((await bed.history.stats()).recording).toEqual({ state: 'recording' });
  expect(await bed.minutes()).toEqual([2, 3, 4]);
});

it('stops on a full disk, keeps what is stored, and goes on when there is space', async () => {
  const directory = await temporaryDirectory();
  await mountTmpfs(directory, '2m');
  await using bed = await startBed({ directory });
  await bed.record(5);
  const filler = join(directory, 'filler');
  const chunk = Buffer.alloc(4096);
  const handle = await open(filler, 'w');
  for (let written = true; written; )
    written = await handle.write(chunk).then(
      () => true,
      () => false,
    );
  await handle.close();
  await bed.record(30);
  expect((await bed.history.stats()).recording).toMatchObject({ state: 'stopped' });
  expect(await bed.minutes()).toEqual(expect.arrayContaining([0, 1, 2, 3]));
  await rm(filler);
  await bed.record(2);
  expect((await bed.history.stats()).recording).toEqual({ state: 'recording' });
  expect(await bed.minutes()).toHaveLength(37);
});

const disposable = (database: DatabaseSync): DatabaseSync & Disposable =>
  Object.assign(database, { [Symbol.dispose]: () => database.close() });

async function runMount(...args: string[]): Promise<void> {
  const [code] = await once(spawn('mount', args, { stdio: 'inherit' }), 'close');
  expect(code).toBe(0);
}

async function mountTmpfs(directory: string, size: string, mode: 'rw' | 'ro' = 'rw'): Promise<void> {
  await runMount('-t', 'tmpfs', '-o', `size=${size},mode=0700,${mode}`, 'tmpfs', directory);
  onTestFinished(async () => {
    await once(spawn('umount', ['-l', directory], { stdio: 'inherit' }), 'close');
  });
}

it('finds blocks by their time, also below those of a clock that was ahead', async () => {
  using store = openSqliteBlocks(await temporaryDirectory(), { onDamage: () => {} });
  const AHEAD_MS = START_MS + 3_650 * 24 * 60 * MINUTE_MS;
  store.begin();
  for (const startMs of [START_MS, START_MS + MINUTE_MS, AHEAD_MS])
    store.write({ host: HOST, tier: 0, startMs }, { series: [], data: new Uint8Array([0]) });
  store.commit();
  expect(store.newestMs(HOST, 0, START_MS + 5 * MINUTE_MS)).toBe(START_MS + MINUTE_MS);
  expect(store.newestMs(HOST, 0, START_MS + MINUTE_MS)).toBe(START_MS);
  expect(store.newestMs(HOST, 0, START_MS)).toBeNull();
  expect(store.hasBlocks(0, START_MS + MINUTE_MS, START_MS + 5 * MINUTE_MS)).toBe(true);
  expect(store.hasBlocks(0, START_MS + 2 * MINUTE_MS, AHEAD_MS)).toBe(false);
  expect(store.hasBlocks(1, START_MS, AHEAD_MS)).toBe(false);
  expect(store.oldestMs(0, HOST)).toBe(START_MS);
});
